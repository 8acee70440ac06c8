package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/memory"
	"anncapacity/lib/sharding"
	"anncapacity/lib/study"
)

// shardsStudy runs condition 4. flags are those of study. If explain is true, it also searches partitions of PostgreSQL.
func shardsStudy(ctx context.Context, flags *flag.FlagSet, o study.Options, metric string, explain bool) (err error) {
	if err := onlyFlags(flags, "condition "+sharding.Condition, "embeddings", "out", "metric", "runs", "subset", "condition", "explain"); err != nil {
		return err
	}
	s := sharding.Options{Embeddings: o.Embeddings, Out: o.Out, Runs: o.Runs, Subset: o.Subset, Progress: o.Progress}
	if s.Metric, err = ann.ParseMetric(metric); err != nil {
		return err
	}
	if err := errors.Join(atLeast(1, "runs", o.Runs), atLeast(2, "subset", o.Subset)); err != nil {
		return err
	}
	if err := tablesPlan(o.Embeddings, o.Out, sharding.Tables(o.Out)).check(); err != nil {
		return err
	}
	defer memory.CollectEarly()()
	rows, err := sharding.Run(ctx, s)
	if err != nil {
		return err
	}
	fmt.Printf("%d rows in %s\n", len(rows), filepath.Join(o.Out, sharding.File))
	if !explain {
		return nil
	}
	partitions, missing, err := sharding.RunEngine(ctx, o.Embeddings, o.Out, o.Progress)
	if err == nil && missing != "" {
		return fmt.Errorf("partitions of PostgreSQL: %s", missing)
	}
	if err == nil {
		fmt.Printf("%d rows in %s\n", len(partitions), filepath.Join(o.Out, sharding.EngineFile))
	}
	return err
}

// onlyFlags returns an error if a flag is set that does not belong to a mode of the command.
func onlyFlags(flags *flag.FlagSet, mode string, allowed ...string) (err error) {
	known := map[string]bool{}
	for _, name := range allowed {
		known[name] = true
	}
	flags.Visit(func(f *flag.Flag) {
		if err == nil && !known[f.Name] {
			err = fmt.Errorf("-%s: not to be used with -%s", f.Name, mode)
		}
	})
	return err
}

// given reports whether a flag is set.
func given(flags *flag.FlagSet, name string) (is bool) {
	flags.Visit(func(f *flag.Flag) { is = is || f.Name == name })
	return is
}

// adviseShards prints the advice for an index that is split into shards. flags are those of advise.
func (f *adviseFlags) adviseShards(ctx context.Context, flags *flag.FlagSet) error {
	err := onlyFlags(flags, "shards", "embeddings", "queries", "truth", "metric", "k", "recall", "m", "ef-construction", "sample", "builds", "seed",
		"json", "shards", "shard-by")
	if err != nil {
		return err
	}
	if err := atLeast(1, "shards", f.shards); err != nil {
		return err
	}
	by, err := sharding.ParseDeal(f.shardBy)
	if err != nil {
		return fmt.Errorf("-shard-by: %w", err)
	}
	o := sharding.AdviceOptions{Recall: f.Recall, Shards: f.shards, By: by, Sample: f.Sample, Builds: f.Builds, Seed: f.Seed, Progress: f.Progress}
	if o.M, err = atMostOne("m", f.M); err != nil {
		return err
	}
	if o.EfConstruction, err = atMostOne("ef-construction", f.EfConstruction); err != nil {
		return err
	}
	if err := f.read(ctx); err != nil {
		return err
	}
	o.Name, o.Base, o.Queries, o.Truth, o.Metric, o.K = f.Name, f.Base, f.Queries, f.Truth, f.Metric, slices.Sorted(slices.Values(f.K))
	a, err := sharding.Advise(ctx, o)
	if err != nil {
		return err
	}
	return show(a, f.json)
}

// atMostOne returns the only value of a flag, 0 if there is none.
func atMostOne(name string, values []int) (int, error) {
	switch len(values) {
	case 0:
		return 0, nil
	case 1:
		return values[0], nil
	}
	return 0, fmt.Errorf("-%s: only one value with -shards", name)
}
