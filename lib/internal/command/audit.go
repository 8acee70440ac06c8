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
	"anncapacity/lib/audit/live"
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

// audited is an index that anncapacity audit can audit: one in a file, or one of a live engine.
type audited interface {
	check(o auditOptions) error // of the flags, before anything is read or asked
	run(ctx context.Context, o auditOptions) (*report.Report, error)
}

func auditCommand(ctx context.Context, args []string, drivers []live.Driver) error {
	o, index, err := parseAudit(args, drivers)
	if err != nil {
		return err
	}
	r, err := index.run(ctx, o)
	return o.finish(r, err)
}

// parseAudit parses the flags of anncapacity audit. drivers are those of the live engines that only some builds have.
func parseAudit(args []string, drivers []live.Driver) (o auditOptions, index audited, err error) {
	flags := flag.NewFlagSet("audit", flag.ContinueOnError)
	o = auditOptions{K: []int{10, 100}, progress: os.Stderr}
	file, engines := addAuditFile(flags), addAuditLive(flags, drivers)
	flags.StringVar(&o.queries, "queries", "", "`FILE` of queries, in a format of -embeddings: what users ask. "+
		"The default is the data set test of an -embeddings file in HDF5, if it has one, otherwise "+ownPoints+": a sample of the indexed vectors, each without itself")
	flags.Var((*numbers)(&o.K), "k", "numbers of `neighbours` that a query asks for")
	flags.Var((*numbers)(&o.EfSearch), "ef-search", "values of `efSearch`; a single one is taken as the present setting (default a ladder with the present setting)")
	flags.Float64Var(&o.Recall, "recall", .95, "mean `recall` to reach, above 0 and below 1")
	metric := flags.String("metric", "", "`metric`: l2, cosine or ip (default as the index states; required for an hnswlib file)")
	flags.IntVar(&o.Sample, "sample", 0, "number of `queries`: of indexed points if there are no -queries and, with a live engine, of -queries too; 0 means the default, "+
		fmt.Sprintf("1000 for a file and %d for a live engine", live.DefaultSample))
	flags.Uint64Var(&o.Seed, "seed", 42, "`seed` of the sample and of the halves of the queries")
	flags.BoolVar(&o.json, "json", false, "print JSON instead of text (docs/report.schema.json)")
	flags.StringVar(&o.report, "report", "", "`FILE.html` to write the report to, a single file that needs no network")
	flags.Float64Var(&o.failUnder, "fail-under", 0, "end with status 1 if the mean `recall` of the present setting is below, for any k")
	if err := parse(flags, args); err != nil {
		return o, nil, err
	}
	slices.Sort(o.K)
	if *metric != "" {
		m, err := ann.ParseMetric(*metric)
		if err != nil {
			return o, nil, err
		}
		o.metric = &m
	}
	if index, err = chooseAudited(flags, file, engines); err != nil {
		return o, nil, err
	}
	return o, index, errors.Join(o.check(), index.check(o))
}

// chooseAudited returns the index that the flags name, and checks that no flag belongs to another one.
func chooseAudited(flags *flag.FlagSet, file *auditFile, engines *auditLive) (audited, error) {
	named := engines.flagNames()
	switch asked := engines.asked(); {
	case file.index == "" && len(asked) == 0:
		return nil, fmt.Errorf("audit: one of -index, %s is required (anncapacity audit -h)", strings.Join(named, ", "))
	case len(asked) > 1 || file.index != "" && len(asked) > 0:
		return nil, fmt.Errorf("audit: one index at a time: -index or %s", strings.Join(named, " or "))
	case file.index != "":
		return file, unused(flags, append(liveFlags(), named...), "-index")
	default:
		return engines, unused(flags, fileFlags(), "-"+asked[0].driver.Flag)
	}
}

// unused returns an error if a flag is set that has no effect.
func unused(flags *flag.FlagSet, names []string, with string) (err error) {
	flags.Visit(func(f *flag.Flag) {
		if slices.Contains(names, "-"+f.Name) && err == nil {
			err = fmt.Errorf("-%s: has no effect with %s", f.Name, with)
		}
	})
	return err
}

// fileFlags are the flags of an index file alone.
func fileFlags() []string {
	return []string{"-format", "-dimensions", "-embeddings", "-labels", "-label"}
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
