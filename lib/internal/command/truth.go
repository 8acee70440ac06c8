package command

import (
	"context"
	"errors"
	"fmt"
	"os"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/interrupt"
	"anncapacity/lib/internal/numpy"
	"anncapacity/lib/internal/progress"
)

// truthSample is the number of rows of a truth that are compared with exact search, drawn with truthSeed.
const (
	truthSample = 100
	truthSeed   = 42
)

// openTruth reads the exact neighbours of the queries, if there is a file of them, and compares a sample of them with exact
// search.
func (f *queryFlags) openTruth(ctx context.Context, q *queries, a asked) error {
	path, err := f.truthFile(*q, a)
	if path == "" || err != nil {
		return err
	}
	t, err := interrupt.Wait(ctx, func() (embedding.Truth, error) { return embedding.OpenTruth(path) })
	if err != nil {
		return err
	}
	if t.K < a.most() && f.truth == "" {
		fmt.Fprintf(os.Stderr, "%s: holds %d neighbours of each query, fewer than k = %d: the exact neighbours are computed\n", path, t.K, a.most())
		return nil
	}
	rows, err := q.truthRows(t, a)
	if err == nil {
		err = q.verify(ctx, rows, a)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	q.Truth, q.TruthName = rows, path
	return nil
}

// truthFile returns the file of the exact neighbours, or "" if they are to be computed.
func (f *queryFlags) truthFile(q queries, a asked) (string, error) {
	switch {
	case f.truth == noTruth:
		return "", nil
	case f.truth != "" && !a.whole:
		return "", fmt.Errorf("-truth %s: its IDs are rows of all vectors of %s, of which only some are used", f.truth, a.path)
	case f.truth != "" || q.N == 0 || !a.whole:
		return f.truth, nil
	}
	test, err := embedding.Companion(a.path, embedding.TestSet)
	if err != nil || test != q.Name {
		return "", err
	}
	own, err := embedding.Companion(a.path, embedding.NeighborsSet)
	if own != "" {
		fmt.Fprintf(os.Stderr, "%s: the exact neighbours are its data set %s (-truth %s computes them instead)\n", a.path, embedding.NeighborsSet, noTruth)
	}
	return own, err
}

// truthRows returns the k nearest neighbours of each row of a truth. It returns an error if their shape or an ID is not that of
// the queries and the base.
func (q queries) truthRows(t embedding.Truth, a asked) ([][]int32, error) {
	n, of := q.N, q.Name
	if n == 0 {
		n, of = a.base.N, a.path
	}
	switch {
	case t.N != n:
		return nil, fmt.Errorf("holds the neighbours of %d queries, %s has %d", t.N, of, n)
	case t.K < a.most():
		return nil, fmt.Errorf("holds %d neighbours of each query, fewer than k = %d", t.K, a.most())
	}
	if err := t.Check(a.base.N); err != nil {
		return nil, err
	}
	rows := make([][]int32, t.N)
	for i := range rows {
		rows[i] = t.Row(i)[:a.most()]
		for j, id := range rows[i] {
			if q.N == 0 && int(id) == i {
				return nil, fmt.Errorf("row %d, neighbour %d is the point itself, which is left out where the points are the queries", i, j)
			}
		}
	}
	return rows, nil
}

// verify compares a sample of the rows with exact search. The error names the first that is wrong, and a metric under which the
// sample is right.
func (q queries) verify(ctx context.Context, rows [][]int32, a asked) error {
	sample, err := numpy.Choice(len(rows), min(truthSample, len(rows)), truthSeed)
	if err != nil {
		return err
	}
	claims := make([]exact.Claim, len(sample))
	for i, row := range sample {
		claims[i] = exact.Claim{Query: q.query(int(row), a.base), IDs: rows[row]}
	}
	err = verify(ctx, a.base, q.Metric, claims)
	wrong := (*exact.WrongError)(nil)
	if !errors.As(err, &wrong) {
		return err
	}
	err = fmt.Errorf("row %d: under the metric %v, %w", sample[wrong.Claim], q.Metric, err)
	for _, other := range ann.Metrics {
		if other != q.Metric && verify(ctx, a.base, other, claims) == nil {
			return fmt.Errorf("%w; its rows are right under the metric %v: is it the one that you need?", err, other)
		}
	}
	return err
}

func verify(ctx context.Context, base ann.Vectors, metric ann.Metric, claims []exact.Claim) error {
	index, err := exact.NewMetric(base, metric)
	if err != nil {
		return err
	}
	bar := progress.New(os.Stderr, fmt.Sprintf("%d rows of the truth compared, %v", len(claims), metric), 1000, "")
	defer bar.Stop()
	index.Progress = bar.SetShare
	return index.Verify(ctx, claims)
}

// query returns query i.
func (q queries) query(i int, base ann.Vectors) ann.Query {
	if q.N == 0 {
		return ann.Point(base, int32(i))
	}
	return ann.Query{Vector: q.Row(i)}
}
