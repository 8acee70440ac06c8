package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/report"
	"anncapacity/lib/report/page"
)

// auditOptions are the flags of anncapacity audit that do not belong to one engine. parseAudit has checked them.
type auditOptions struct {
	K        []int   // numbers of neighbours, ascending
	EfSearch []int   // nil means a ladder; a single value is the present setting
	Recall   float64 // wanted mean recall
	Sample   int     // number of indexed points that are queries if there is no file of queries; zero means the default of the engine
	Seed     uint64

	queries   string      // file of queries; "" means a sample
	metric    *ann.Metric // nil means as the index states
	json      bool
	report    string  // file of the HTML page; "" means none
	failUnder float64 // zero means that the exit status does not depend on the recall
	progress  io.Writer
}

func auditCommand(ctx context.Context, args []string) error {
	o, file, err := parseAudit(args)
	if err != nil {
		return err
	}
	r, err := file.run(ctx, o)
	return o.finish(r, err)
}

// parseAudit parses the flags of anncapacity audit.
func parseAudit(args []string) (o auditOptions, file *auditFile, err error) {
	flags := flag.NewFlagSet("audit", flag.ContinueOnError)
	o = auditOptions{K: []int{10, 100}, progress: os.Stderr}
	file = addAuditFile(flags)
	flags.StringVar(&o.queries, "queries", "", "`FILE` of queries, in a format of -embeddings: what users ask. "+
		"The default is the data set test of an -embeddings file in HDF5, if it has one, otherwise "+ownPoints+": a sample of the indexed vectors, each without itself")
	flags.Var((*numbers)(&o.K), "k", "numbers of `neighbours` that a query asks for")
	flags.Var((*numbers)(&o.EfSearch), "ef-search", "values of `efSearch`; a single one is taken as the present setting (default a ladder with the present setting)")
	flags.Float64Var(&o.Recall, "recall", .95, "mean `recall` to reach, above 0 and below 1")
	metric := flags.String("metric", "", "`metric`: l2, cosine or ip (default as the index states; required for an hnswlib file)")
	flags.IntVar(&o.Sample, "sample", 0, "number of indexed `points` that are queries if there are no -queries; 0 means the default, 1000 for a file")
	flags.Uint64Var(&o.Seed, "seed", 42, "`seed` of the sample and of the halves of the queries")
	flags.BoolVar(&o.json, "json", false, "print JSON instead of text (docs/report.schema.json)")
	flags.StringVar(&o.report, "report", "", "`FILE.html` to write the report to, a single file that needs no network")
	flags.Float64Var(&o.failUnder, "fail-under", 0, "end with status 1 if the mean `recall` of the present setting is below, for any k")
	if err := parse(flags, args); err != nil {
		return o, file, err
	}
	slices.Sort(o.K)
	if *metric != "" {
		m, err := ann.ParseMetric(*metric)
		if err != nil {
			return o, file, err
		}
		o.metric = &m
	}
	return o, file, errors.Join(o.check(), file.check(o))
}

// check checks the flags before anything is read or asked.
func (o auditOptions) check() error {
	if !(o.Recall > 0 && o.Recall < 1) {
		return fmt.Errorf("-recall %v: must be above 0 and below 1", o.Recall)
	}
	if !(o.failUnder >= 0 && o.failUnder <= 1) {
		return fmt.Errorf("-fail-under %v: must be 0 to 1", o.failUnder)
	}
	if o.Sample != 0 && o.Sample < 2 {
		return fmt.Errorf("-sample %d: must be at least 2", o.Sample)
	}
	err := errors.Join(atLeast(1, "k", o.K...), atLeast(1, "ef-search", o.EfSearch...))
	if err == nil && o.queries != "" && o.queries != ownPoints {
		err = input{"queries", o.queries}.check()
	}
	if err == nil && o.report != "" {
		err = page.Check(o.report)
	}
	return err
}

// finish prints a report, writes its page and compares its recall with -fail-under. A report that is accompanied by an error holds
// what was measured before; finish shows it and returns the error.
func (o auditOptions) finish(r *report.Report, err error) error {
	if r == nil {
		return err
	}
	err = errors.Join(err, show(r, o.json))
	if o.report != "" {
		if failed := page.Write(o.report, r); failed != nil {
			err = errors.Join(err, failed)
		} else {
			fmt.Fprintf(o.progress, "%s: the report\n", o.report)
		}
	}
	if err == nil {
		err = o.under(r)
	}
	return err
}

// under returns an error if the recall of the present setting is below -fail-under.
func (o auditOptions) under(r *report.Report) error {
	if o.failUnder == 0 {
		return nil
	}
	least, present := math.Inf(1), false
	var texts []string
	for _, s := range r.Settings {
		if !s.Present {
			continue
		}
		present = true
		recall := r.Counted(s)
		if least = min(least, recall); recall < o.failUnder {
			texts = append(texts, fmt.Sprintf("%.4f for k = %d at %s = %d", recall, s.K, r.EffortName(), s.EfSearch))
		}
	}
	switch {
	case !present:
		return errors.New("-fail-under: the present setting is not known; give a single -ef-search")
	case len(texts) > 0:
		return fmt.Errorf("-fail-under %v: the mean recall is %s", o.failUnder, strings.Join(texts, ", "))
	}
	return nil
}
