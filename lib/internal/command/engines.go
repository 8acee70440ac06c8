package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/numpy"
	"anncapacity/lib/internal/table"
	"anncapacity/lib/study"
)

// engineFlags holds the flags of anncapacity engines.
type engineFlags struct {
	compare.Options
	path, only string
	points     int
	list       bool
	policies   bool
	ask        *queryFlags
	bulk       bulkFlags
}

func enginesCommand(ctx context.Context, args []string, all []engine.Engine) error {
	f, err := parseEngines(args, all)
	if err != nil {
		return err
	}
	if f.list {
		return listEngines(f.Engines)
	}
	if f.policies {
		return f.observePolicies(ctx, all)
	}
	if err := f.check(); err != nil {
		return err
	}
	if f.Base, err = drawn(ctx, f.path, f.points, f.Seed); err != nil {
		return err
	}
	if f.bulk.enabled {
		return f.bulk.run(ctx, f.Options)
	}
	if err := f.open(ctx); err != nil {
		return err
	}
	result, err := compare.Run(ctx, f.Options)
	if err != nil {
		return err
	}
	return result.Print(os.Stdout)
}

func parseEngines(args []string, all []engine.Engine) (f engineFlags, err error) {
	flags := flag.NewFlagSet("engines", flag.ContinueOnError)
	f.Options = compare.Options{Progress: os.Stderr, Sweep: []int{10, 25, 50, 100, 200, 400, 800}, SweepK: []int{10, 100}}
	flags.StringVar(&f.path, "embeddings", "", embeddingsHelp)
	flags.StringVar(&f.Out, "out", "", "`folder` for engines.csv and engine_records.csv; a comparison that was interrupted resumes from it (required)")
	flags.Var((*numbers)(&f.K), "k", "number of `neighbours` to request at -ef, or several values: 10,100,500 (default 10, 20 … 500)")
	flags.IntVar(&f.EfSearch, "ef", engine.DefaultEfSearch, "`efSearch` of the searches for every -k")
	flags.Var((*numbers)(&f.Sweep), "sweep", "values of `efSearch` of the searches for -sweep-k, which compare recall and speed")
	flags.Var((*numbers)(&f.SweepK), "sweep-k", "numbers of `neighbours` to request in the sweep")
	flags.IntVar(&f.points, "points", 0, "number of `points` drawn at random from the file; 0 means all")
	flags.IntVar(&f.Sample, "sample", 200, "number of `queries` drawn at random from -queries, or from the points")
	flags.Uint64Var(&f.Seed, "seed", study.FirstSeed, "`seed` of the random choices and of the index, for engines that take one")
	f.ask = addQueries(flags)
	f.ask.addTruth(flags)
	flags.IntVar(&f.Index.M, "m", study.M, "`M` of every index")
	flags.IntVar(&f.Index.EfConstruction, "ef-construction", 200, "`efConstruction` of every index")
	flags.BoolVar(&f.bulk.enabled, "bulk", false, "time exact search in bulk instead, under every metric, and write bulk.csv: every point of a set is a query, with one k (default 100)")
	flags.IntVar(&f.bulk.points, "bulk-points", 100_000, "number of `points` of the set of -bulk: a random projection of the file's points, repeated with noise if there are too few")
	flags.IntVar(&f.bulk.dimensions, "bulk-dimensions", 256, "number of `dimensions` of the set of -bulk")
	flags.BoolVar(&f.policies, "policies", false, "ask every engine for more neighbours than efSearch, on points of its own, and write engine_policies.csv and the page engines.md")
	flags.StringVar(&f.only, "only", "", "regular `expression`: use only the engines whose name matches it")
	flags.BoolVar(&f.list, "list", false, "list the engines and exit; for a missing engine, say how to install it")
	if err := parse(flags, args); err != nil {
		return f, err
	}
	f.Index.Seed = f.Seed
	if f.Metric, err = f.ask.check(); err != nil {
		return f, err
	}
	if f.Engines, err = chosen(all, f.only); err == nil && !f.list && !f.policies {
		f.Engines, err = supporting(f.Engines, f.Metric)
	}
	return f, err
}

// check returns an error if a flag is out of range or a file cannot be written. It does not need the vectors.
func (f engineFlags) check() error {
	if f.path == "" || f.Out == "" {
		return errors.New("engines: -embeddings and -out are required (anncapacity engines -h)")
	}
	if err := errors.Join(atLeast(0, "points", f.points), atLeast(1, "sample", f.Sample), atLeast(1, "ef", f.EfSearch), atLeast(1, "k", f.K...),
		atLeast(1, "sweep", f.Sweep...), atLeast(1, "sweep-k", f.SweepK...), atLeast(2, "m", f.Index.M), atLeast(1, "ef-construction", f.Index.EfConstruction)); err != nil {
		return err
	}
	if !f.bulk.enabled {
		p := tablesPlan(f.path, f.Out, (&compare.Result{}).Tables(f.Out))
		p.reads = append(p.reads, f.ask.inputs()...)
		return p.check()
	}
	if given := f.ask.inputs(); len(given) > 0 {
		return fmt.Errorf("-%s: not to be used with -bulk, in which every point is a query", given[0].flag)
	}
	if err := f.bulk.check(f.Options); err != nil {
		return err
	}
	return tablesPlan(f.path, f.Out, []table.Table{compare.BulkTable(f.Out)}).check()
}

// open reads the queries and their truth.
func (f *engineFlags) open(ctx context.Context) error {
	if f.K == nil {
		f.K = compare.DefaultK(f.Base.N)
	}
	q, err := f.ask.open(ctx, asked{path: f.path, base: f.Base, whole: f.points == 0, k: slices.Max(append([]int{0}, f.K...)), sweep: f.SweepK})
	f.Queries, f.Truth = q.Vectors, q.Truth
	return err
}

// chosen returns the engines whose name matches expression.
func chosen(all []engine.Engine, expression string) (some []engine.Engine, err error) {
	only, err := regexp.Compile("(?i)" + expression)
	if err != nil {
		return nil, fmt.Errorf("engines: -only: %w", err)
	}
	for _, e := range all {
		if only.MatchString(e.Name) {
			some = append(some, e)
		}
	}
	if len(some) == 0 {
		return nil, fmt.Errorf("engines: no engine matches -only %q", expression)
	}
	return some, nil
}

// supporting returns the engines of all that support the metric.
func supporting(all []engine.Engine, metric ann.Metric) (some []engine.Engine, err error) {
	for _, e := range all {
		if slices.Contains(e.Metrics, metric) {
			some = append(some, e)
		}
	}
	if len(some) == 0 {
		return nil, fmt.Errorf("engines: no engine that matches -only supports -metric %v", metric)
	}
	return some, nil
}

func listEngines(all []engine.Engine) error {
	for _, e := range all {
		if err := e.Missing(); err != nil {
			fmt.Printf("%-30s missing: %s\n", e.Name, strings.TrimPrefix(err.Error(), e.Name+": "))
			continue
		}
		fmt.Printf("%-30s %s; k > efSearch: %s\n", e.Name, e.Version(), e.Documented)
	}
	return nil
}

// drawn returns the vectors of a file, or a seeded random choice of them.
func drawn(ctx context.Context, path string, points int, seed uint64) (ann.Vectors, error) {
	v, err := openEmbeddings(ctx, path)
	if err != nil || points == 0 || points == v.N {
		return v, err
	}
	rows, err := numpy.Choice(v.N, points, seed)
	if err != nil {
		return v, fmt.Errorf("engines: -points: %w", err)
	}
	return v.Subset(rows)
}
