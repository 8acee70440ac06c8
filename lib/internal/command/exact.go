package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/progress"
)

func exactCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("exact", flag.ContinueOnError)
	path := flags.String("embeddings", "", embeddingsHelp)
	out := flags.String("out", "", "`FILE.ivecs` for the IDs, nearest first; the distances are written to FILE.fvecs (required)")
	k := flags.Int("k", 100, "number of `neighbours` of each query, or of each point without the point itself")
	memory := flags.Float64("memory", 2, "maximum memory in `GiB`, with the result but without the embeddings")
	ask := addQueries(flags)
	ask.addTruth(flags)
	if err := parse(flags, args, "embeddings", "out"); err != nil {
		return err
	}
	bytes, err := gib(*memory)
	if err != nil {
		return err
	}
	if _, err := ask.check(); err != nil {
		return err
	}
	if err := errors.Join(atLeast(1, "k", *k), exactPlan(*path, *out, ask.inputs())); err != nil {
		return err
	}
	base, err := openEmbeddings(ctx, *path)
	if err != nil {
		return err
	}
	q, err := ask.open(ctx, asked{path: *path, base: base, whole: true, k: *k})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(*out), 0o755); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	stored := newGroups(*out, base, q.Vectors, *k, q.Metric)
	lists, err := q.searchAll(ctx, base, *k, bytes, stored)
	if err != nil {
		return err
	}
	if err := embedding.WriteNeighbors(*out, lists); err != nil {
		return err
	}
	return stored.remove()
}

// exactPlan checks the inputs of exact and the two files that it writes.
func exactPlan(path, out string, more []input) error {
	if filepath.Ext(out) != ".ivecs" {
		return fmt.Errorf("-out %s: the name must end in .ivecs", out)
	}
	return plan{
		reads: append(more, input{"embeddings", path}), writes: embedding.NeighborOutputs(out), folders: []string{filepath.Dir(out)},
		own: func() error { return embedding.CheckWriteNeighbors(out) },
	}.check()
}

// searchAll returns the k exact neighbours of every query, shows its progress and a forecast of its time, stores groups of queries as
// soon as they are complete, and compares every row of the truth, if there is
// one, with them.
func (q queries) searchAll(ctx context.Context, base ann.Vectors, k int, memory int64, stored groups) (lists []ann.Neighbors, err error) {
	index, err := exact.NewMetric(base, q.Metric)
	if err != nil {
		return nil, err
	}
	bar := progress.New(os.Stderr, fmt.Sprintf("%d exact neighbours, %s", k, q.Metric), 1000, "")
	defer bar.Stop()
	told := forecast{w: os.Stderr, started: time.Now(), forecasts: bar.SetShare, now: time.Now}
	stored.skipped = told.skip
	index.Progress, index.Group, index.MaxMemory = told.report, stored.get, memory
	if q.N == 0 {
		lists, err = index.SearchAll(ctx, k)
	} else {
		lists, err = index.SearchBatch(ctx, q.Vectors, k)
	}
	if err != nil {
		return nil, err
	}
	for i, ids := range q.Truth {
		if wrong := index.Compare(exact.Claim{Query: q.query(i, base), IDs: ids}, lists[i]); wrong != nil {
			return nil, fmt.Errorf("%s: row %d: under the metric %v, %w", q.TruthName, i, q.Metric, wrong)
		}
	}
	return lists, nil
}
