// Package exact finds true nearest neighbours, the ground truth of every measure: by brute force, as blocked
// matrix products on GoMLX. ‖a − b‖² = ‖a‖² + ‖b‖² − 2a·b on centred vectors; pairs so close that this
// cancels are computed again from their coordinates. Ties are broken by ID, and a query that is itself an indexed
// point is left out by identity.
package exact

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// Index searches a set of vectors exactly. It implements ann.Searcher.
type Index struct {
	// MaxMemory is how many bytes SearchAll and SearchBatch may take beyond the base, their result included. Zero means
	// no bound. What cannot be done within it is an error, before anything is computed.
	MaxMemory int64
	// Progress, if not nil, is told the share of the work that is done, in steps, by SearchAll and SearchBatch.
	Progress func(share float64)

	metric ann.Metric
	base   ann.Vectors
	points ann.Vectors // what is measured: base, or for the cosine its rows at length 1
}

// New wraps base under the Euclidean metric; nothing is copied or computed.
func New(base ann.Vectors) *Index { return &Index{base: base, points: base} }

// NewMetric is New under any metric. For the cosine it holds a normalised copy of base; a zero vector is an error.
func NewMetric(base ann.Vectors, metric ann.Metric) (*Index, error) {
	if err := metric.Check(base); err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	x := &Index{metric: metric, base: base}
	points, err := x.measured(base)
	x.points = points
	return x, err
}

// measured is what distances to or from v are computed on.
func (x *Index) measured(v ann.Vectors) (ann.Vectors, error) {
	if x.metric != ann.Cosine {
		return v, nil
	}
	unit, err := ann.Normalized(v)
	if err != nil {
		return v, fmt.Errorf("exact: %w", err)
	}
	return unit, nil
}

// Search finds the k nearest of one query by scanning all vectors.
func (x *Index) Search(query ann.Query, k int) (ann.Neighbors, error) {
	if err := ann.CheckQuery(query, k, x.base.N, x.base.D); err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	q, err := x.measured(ann.Vectors{N: 1, D: x.base.D, Data: query.Vector})
	if err != nil {
		return nil, err
	}
	skip := noSelf(0)
	if id, ok := query.Self(); ok {
		skip = id
	}
	s := newNearest(k)
	x.scanOne(s, q.Data, skip)
	return s.neighbors(x.distance), nil
}

// scanOne finds the nearest of one measured query but the point to skip, anew.
func (x *Index) scanOne(s *nearest, query []float32, skip int32) {
	measure := ann.SquaredL2
	if x.metric == ann.InnerProduct {
		measure = ann.InnerProduct.Distance
	}
	values := make([]float32, x.base.N)
	parallel.For(x.base.N, func(i int) { values[i] = measure(query, x.points.Row(i)) })
	s.reset()
	s.offer(values, int(skip))
}

// distance is the metric's, of a value that neighbours are ordered by.
func (x *Index) distance(value float32) float32 {
	switch x.metric {
	case ann.Cosine:
		return value / 2
	case ann.InnerProduct:
		return value
	}
	return root(value)
}

// SearchBatch finds the k nearest of every query vector; none of them counts as an indexed point. Memory beyond
// the two sets is a copy of the base, one block of values, the result, and for at most 8,000 queries at a time (fewer where
// MaxMemory asks for it) a copy and 2k candidates each.
func (x *Index) SearchBatch(ctx context.Context, queries ann.Vectors, k int) ([]ann.Neighbors, error) {
	if queries.D != x.base.D {
		return nil, fmt.Errorf("exact: queries have %d dimensions, the index %d", queries.D, x.base.D)
	}
	if err := ann.CheckK(k, x.base.N); err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	if err := x.fits(x.streamed(queries.N, k, blockRows)); err != nil {
		return nil, err
	}
	return x.stream(ctx, queries, k, noSelf)
}

// SearchAll finds the k nearest others of every indexed point. Where MaxMemory allows, every pair of points is measured
// once, for both of them; otherwise block after block of queries is, as in SearchBatch.
func (x *Index) SearchAll(ctx context.Context, k int) ([]ann.Neighbors, error) {
	if err := ann.CheckK(k, x.base.N-1); err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	if x.fits(x.symmetric(k)) == nil {
		return x.pairwise(ctx, k)
	}
	if err := x.fits(x.streamed(x.base.N, k, blockRows)); err != nil {
		return nil, err
	}
	return x.stream(ctx, x.base, k, ownID)
}

// noSelf and ownID say which indexed point a query must leave out, by the query's row; −1 is none.
func noSelf(int32) int32      { return -1 }
func ownID(query int32) int32 { return query }

// fits reports a need that MaxMemory does not cover.
func (x *Index) fits(bytes int64) error {
	if x.MaxMemory > 0 && bytes > x.MaxMemory {
		return fmt.Errorf("exact: %d × %d takes %.1f MB beyond the vectors, the bound is %.1f MB",
			x.base.N, x.base.D, float64(bytes)/1e6, float64(x.MaxMemory)/1e6)
	}
	return nil
}

// symmetric is the bytes that pairwise takes: the base as rows and as columns, candidates and results for all, one block of
// values.
func (x *Index) symmetric(k int) int64 {
	n := int64(x.base.N)
	return 8*int64(len(x.base.Data)) + n*(8*int64(roomFor(k))+8*int64(k)+64) + 4*blockRows*blockRows
}

// streamed is the bytes that stream takes for a number of queries in groups.
func (x *Index) streamed(queries, k, group int) int64 {
	n := int64(min(queries, group))
	return 4*int64(len(x.base.Data)) + int64(queries)*(8*int64(k)+24) + n*(8*int64(roomFor(k))+64+4*int64(x.base.D)) + 4*blockRows*blockRows
}

// groupOf is how many queries at a time stream should take: up to eight blocks, as MaxMemory allows.
func (x *Index) groupOf(queries, k int) int {
	group := 8 * blockRows
	for group > blockRows && x.fits(x.streamed(queries, k, group)) != nil {
		group -= blockRows
	}
	return group
}

func (x *Index) report(share float64) {
	if x.Progress != nil {
		x.Progress(share)
	}
}
