package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
)

func exactCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("exact", flag.ContinueOnError)
	path := flags.String("embeddings", "", "`FILE`: .npy, .fvecs, .bvecs, .parquet[:column] or .hdf5[:dataset] (required)")
	out := flags.String("out", "", "`FILE.ivecs` for the IDs, nearest first; the distances go to FILE.fvecs (required)")
	k := flags.Int("k", 100, "`neighbours` of each point, itself left out")
	metric := flags.String("metric", "l2", "l2, cosine or ip: `what` near means")
	memory := flags.Float64("memory", 2, "`GiB` that it may take beyond the embeddings, the result included")
	if err := parse(flags, args, "embeddings", "out"); err != nil {
		return err
	}
	if !(*memory > 0 && *memory < 1<<20) {
		return fmt.Errorf("-memory %v: a number of GiB above 0 is expected", *memory)
	}
	if filepath.Ext(*out) != ".ivecs" {
		return fmt.Errorf("-out %s: a name that ends in .ivecs is expected", *out)
	}
	m, err := ann.ParseMetric(*metric)
	if err != nil {
		return err
	}
	base, err := embedding.Open(*path)
	if err != nil {
		return err
	}
	lists, err := searchAll(ctx, base, m, *k, int64(*memory*(1<<30)))
	if errors.Is(err, context.Canceled) {
		return errors.New("exact: stopped; it keeps nothing, so the same command begins anew")
	}
	if err != nil {
		return err
	}
	return embedding.WriteNeighbors(*out, lists)
}

// searchAll shows how far it is.
func searchAll(ctx context.Context, base ann.Vectors, metric ann.Metric, k int, memory int64) ([]ann.Neighbors, error) {
	index, err := exact.NewMetric(base, metric)
	if err != nil {
		return nil, err
	}
	const steps = 1000
	bar := progressbar.NewOptions(steps, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionThrottle(200*time.Millisecond),
		progressbar.OptionSetDescription(fmt.Sprintf("%d exact neighbours of %d points, %s", k, base.N, metric)), progressbar.OptionSetWidth(30))
	index.Progress = func(share float64) { bar.Set(int(share * steps)) }
	index.MaxMemory = memory
	lists, err := index.SearchAll(ctx, k)
	fmt.Fprintln(os.Stderr)
	return lists, err
}
