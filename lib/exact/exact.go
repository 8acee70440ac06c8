// Package exact finds true nearest neighbours, the ground truth of every measure: by brute force, as blocked
// matrix products on GoMLX. ‖a − b‖² = ‖a‖² + ‖b‖² − 2a·b on centred vectors; pairs so close that this
// cancels are computed again from their coordinates. A query that is itself an indexed point is left out by identity.
//
// What is promised of Search, SearchBatch, SearchAll and the lists of a Matrix:
//
//   - Neighbours come in the order of their distances before these are rounded to float32, ties by ID. Distances, and so the
//     order, may be off by rounding: a squared distance by about 10⁻⁵ of itself at worst, and 10⁻⁶ as a rule, where a product
//     in float32 gave it; an inner product by about 10⁻⁶·‖a‖·‖b‖. Search measures in double precision: 10⁻¹⁵.
//   - Equal vectors have equal distances from everything, and those equal to the query have L2 or cosine distance 0, whatever
//     the data. Under the cosine the same holds of vectors of exactly one direction, such as x and 3x.
//   - Order and ties are exact for vectors on a grid, that is of whole multiples of one power of two: integers, quarters, ±1,
//     quantised values. For L2 as long as 4‖x − mean‖² ≤ 2⁵³ in squared steps of the grid, for the inner product ‖x‖² ≤ 2⁵³,
//     for the cosine if each vector is a multiple of one of integers with ‖x‖² ≤ 2²⁶. Up to 2²⁴ instead of 2⁵³ this costs
//     nothing; beyond, and under the cosine, k candidates or some more of each query are measured again in double precision.
//   - The cosine distance is ‖u − v‖²/2 of unit vectors in double precision, which are centred before they are rounded to
//     float32, so that it has the relative error of an L2 distance also where 1 − cos would lose all its digits. What remains
//     is the error of the given coordinates.
//   - Vectors of any finite length are measured right, also of very different lengths in one set: by powers of two and, where
//     float32 has no room even so, by scanning in double precision, which is slower. A distance that float32 cannot hold is an
//     error: one above 3.4·10³⁸, or, of the inner product, one below 1.2·10⁻³⁸ that is not 0. L2 and cosine distances as
//     short as that are subnormal numbers, with fewer digits, or 0.
package exact

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
)

// Index searches a set of vectors exactly. It implements ann.Searcher.
type Index struct {
	// MaxMemory is how many bytes SearchAll and SearchBatch may take beyond the base, their result included. Zero means
	// no bound. What cannot be done within it is an error, before anything is computed.
	MaxMemory int64
	// Progress, if not nil, is told the share of the work that is done, in steps, by SearchAll and SearchBatch.
	Progress func(share float64)

	base   ann.Vectors
	points points // base, and what the metric makes of it
}

// New wraps base under the Euclidean metric; nothing is copied or computed.
func New(base ann.Vectors) *Index {
	return &Index{base: base, points: points{Vectors: base, metric: ann.Euclidean}}
}

// NewMetric is New under any metric. Distances of the inner product are its negative. For the cosine the lengths are computed, and
// a zero vector is an error.
func NewMetric(base ann.Vectors, metric ann.Metric) (*Index, error) {
	p, err := measured(base, metric)
	return &Index{base: base, points: p}, err
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
	if err := x.fits(x.streamed(queries.N, k, blockRows)); err != nil || queries.N == 0 {
		return nil, err
	}
	q, err := measured(queries, x.points.metric)
	if err != nil {
		return nil, err
	}
	return x.stream(ctx, &q, k, noSelf)
}

// SearchAll finds the k nearest others of every indexed point. Where MaxMemory allows, every pair of points is measured
// once, for both of them; otherwise block after block of queries is, as in SearchBatch.
func (x *Index) SearchAll(ctx context.Context, k int) ([]ann.Neighbors, error) {
	if err := checkOthers(k, x.base.N); err != nil {
		return nil, err
	}
	if x.fits(x.symmetric(k)) == nil {
		return x.pairwise(ctx, k)
	}
	if err := x.fits(x.streamed(x.base.N, k, blockRows)); err != nil {
		return nil, err
	}
	return x.stream(ctx, &x.points, k, ownID)
}

// checkOthers reports a k outside 1 … n − 1.
func checkOthers(k, n int) error {
	if err := ann.CheckK(k, n-1); err != nil {
		return fmt.Errorf("exact: n = %d: %w", n, err)
	}
	return nil
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
