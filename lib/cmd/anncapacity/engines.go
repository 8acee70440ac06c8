package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/engines"
	"anncapacity/lib/images"
	"anncapacity/lib/study"
	"anncapacity/lib/study/compare"
)

func enginesCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("engines", flag.ContinueOnError)
	o := compare.Options{Progress: os.Stderr, Sweep: []int{10, 25, 50, 100, 200, 400, 800}, SweepK: []int{10, 100}}
	path := flags.String("embeddings", "", embeddingsHelp)
	flags.StringVar(&o.Out, "out", "", "`folder` for engines.csv and engine_records.csv; a comparison that was stopped goes on from what is there (required)")
	flags.Var((*numbers)(&o.K), "k", "`neighbours` asked for at efSearch, or several: 10,100,500 (default 10, 20 … 500)")
	flags.IntVar(&o.EfSearch, "ef", engine.DefaultEfSearch, "`efSearch` that every k is asked with")
	flags.Var((*numbers)(&o.Sweep), "sweep", "`efSearch` that -sweep-k is asked with, for recall against speed (default 10,25 … 800)")
	flags.Var((*numbers)(&o.SweepK), "sweep-k", "`neighbours` asked for in the sweep (default 10,100)")
	points := flags.Int("points", 0, "`points` drawn from the file; 0 means all")
	flags.IntVar(&o.Queries, "queries", 200, "`points` that are queries")
	flags.Uint64Var(&o.Seed, "seed", study.FirstSeed, "`seed` of the draws and, where an engine lets it be chosen, of its index")
	metric := flags.String("metric", "l2", metricHelp+"; engines without it are left out")
	flags.IntVar(&o.Index.M, "m", study.M, "`M` of every index")
	flags.IntVar(&o.Index.EfConstruction, "ef-construction", 200, "`efConstruction` of every index")
	var bulk bulkFlags
	flags.BoolVar(&bulk.wanted, "bulk", false, "time exact search in bulk instead, under every metric, into bulk.csv: every point of a set is a query, for one k (default 100)")
	flags.IntVar(&bulk.points, "bulk-points", 100_000, "`points` of that set: the file's under a random projection, repeated with noise where they are too few")
	flags.IntVar(&bulk.dimensions, "bulk-dimensions", 256, "`dimensions` of that set")
	only := flags.String("only", "", "only engines whose name matches this `expression`")
	list := flags.Bool("list", false, "list the engines, and how those that are missing can be had, and end")
	if err := parse(flags, args); err != nil {
		return err
	}
	var err error
	if o.Metric, err = ann.ParseMetric(*metric); err != nil {
		return err
	}
	if o.Engines, err = chosen(*only, o.Metric); err != nil {
		return err
	}
	if *list {
		return listEngines(o.Engines)
	}
	if *path == "" || o.Out == "" {
		return errors.New("engines: -embeddings and -out are required (anncapacity engines -h)")
	}
	if err := checkEngines(o, *points); err != nil {
		return err
	}
	tables := (&compare.Result{}).Tables(o.Out)
	if bulk.wanted {
		if err := bulk.check(o); err != nil {
			return err
		}
		tables = []study.Table{compare.BulkTable(o.Out)}
	}
	if err := tablesPlan(*path, o.Out, tables).check(); err != nil {
		return err
	}
	if o.Base, err = drawn(ctx, *path, *points, o.Seed); err != nil {
		return err
	}
	o.Index.Seed = o.Seed
	if bulk.wanted {
		return bulk.run(ctx, o)
	}
	if err := errors.Join(checkK("k", o.K, *path, o.Base.N), checkK("sweep-k", o.SweepK, *path, o.Base.N)); err != nil {
		return err
	}
	result, err := compare.Run(ctx, o)
	if err != nil {
		return err
	}
	return result.Print(os.Stdout)
}

// checkEngines checks the numbers of the flags, as far as they do not depend on the vectors.
func checkEngines(o compare.Options, points int) error {
	return errors.Join(atLeast(0, "points", points), atLeast(1, "queries", o.Queries), atLeast(1, "ef", o.EfSearch), atLeast(1, "k", o.K...),
		atLeast(1, "sweep", o.Sweep...), atLeast(1, "sweep-k", o.SweepK...), atLeast(2, "m", o.Index.M), atLeast(1, "ef-construction", o.Index.EfConstruction))
}

// chosen is the engines whose name matches and that know the metric.
func chosen(expression string, metric ann.Metric) (some []engine.Engine, err error) {
	only, err := regexp.Compile("(?i)" + expression)
	if err != nil {
		return nil, fmt.Errorf("engines: -only: %w", err)
	}
	for _, e := range engines.All() {
		if only.MatchString(e.Name) && slices.Contains(e.Metrics, metric) {
			some = append(some, e)
		}
	}
	if len(some) == 0 {
		return nil, fmt.Errorf("engines: none matches %q with the metric %v", expression, metric)
	}
	return some, nil
}

func listEngines(all []engine.Engine) error {
	for _, e := range all {
		if err := e.Missing(); err != nil {
			fmt.Printf("%-28s missing: %v\n", e.Name, err)
			continue
		}
		fmt.Printf("%-28s %s; k > efSearch: %s\n", e.Name, e.Version(), e.Policy)
	}
	return nil
}

// drawn is a file's vectors, or a seeded draw of them.
func drawn(ctx context.Context, path string, points int, seed uint64) (ann.Vectors, error) {
	v, err := openEmbeddings(ctx, path)
	if err != nil || points == 0 || points == v.N {
		return v, err
	}
	rows, err := images.Sample(v.N, points, seed)
	if err != nil {
		return v, fmt.Errorf("engines: -points: %w", err)
	}
	return v.Subset(rows)
}
