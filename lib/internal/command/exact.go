package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/progress"
)

func exactCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("exact", flag.ContinueOnError)
	path := flags.String("embeddings", "", embeddingsHelp)
	out := flags.String("out", "", "`FILE.ivecs` for the IDs, nearest first; the distances are written to FILE.fvecs (required)")
	k := flags.Int("k", 100, "number of `neighbours` of each point, without the point itself")
	metric := flags.String("metric", "l2", metricHelp)
	memory := flags.Float64("memory", 2, "maximum memory in `GiB`, with the result but without the embeddings")
	if err := parse(flags, args, "embeddings", "out"); err != nil {
		return err
	}
	bytes, err := gib(*memory)
	if err != nil {
		return err
	}
	m, err := ann.ParseMetric(*metric)
	if err != nil {
		return err
	}
	if err := errors.Join(atLeast(1, "k", *k), exactPlan(*path, *out)); err != nil {
		return err
	}
	base, err := openEmbeddings(ctx, *path)
	if err != nil {
		return err
	}
	if err := checkK("k", []int{*k}, *path, base.N); err != nil {
		return err
	}
	lists, err := searchAll(ctx, base, m, *k, bytes)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(*out), 0o755); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	return embedding.WriteNeighbors(*out, lists)
}

// exactPlan checks the input of exact and the two files that it writes.
func exactPlan(path, out string) error {
	if filepath.Ext(out) != ".ivecs" {
		return fmt.Errorf("-out %s: the name must end in .ivecs", out)
	}
	return plan{
		reads: []input{{"embeddings", path}}, writes: embedding.NeighborOutputs(out), folders: []string{filepath.Dir(out)},
		own: func() error { return embedding.CheckWriteNeighbors(out) },
	}.check()
}

// searchAll returns the k exact neighbours of every point and shows its progress.
func searchAll(ctx context.Context, base ann.Vectors, metric ann.Metric, k int, memory int64) ([]ann.Neighbors, error) {
	index, err := exact.NewMetric(base, metric)
	if err != nil {
		return nil, err
	}
	bar := progress.New(os.Stderr, fmt.Sprintf("%d exact neighbours of %d points, %s", k, base.N, metric), 1000, "")
	defer bar.Stop()
	index.Progress = bar.SetShare
	index.MaxMemory = memory
	return index.SearchAll(ctx, k)
}
