// Package exact finds true nearest neighbours by brute force: the ground truth of every measure. It computes distances
// as blocked matrix products, ‖a − b‖² = ‖a‖² + ‖b‖² − 2a·b on centred vectors: on GoMLX where the value of each pair serves both of its
// points, and otherwise with the kernels of package tile, or on GoMLX if this CPU has none of them or GOMLX_BACKEND names a backend. Pairs
// so close that this expression cancels are computed again from their coordinates. A query that is itself an indexed point is excluded by
// its ID.
//
// Search, SearchBatch, SearchAll, a Stream and the lists of a Matrix guarantee the following:
//
//   - Neighbours are sorted by their distances before these are rounded to float32, ties by ID. Distances, and therefore the
//     order, may have rounding errors. Search, SearchBatch and a Stream compute them in double precision, with a relative error of
//     10⁻¹⁵. A Matrix, and SearchAll where it computes every pair once, take them from a float32 product: a squared distance has a
//     relative error of about 10⁻⁵ at worst and typically 10⁻⁶; an inner product has an error of about 10⁻⁶·‖a‖·‖b‖.
//   - Equal vectors have equal distances from every vector. Vectors equal to the query have L2 or cosine distance 0. Under the
//     cosine the same holds for vectors of exactly the same direction, such as x and 3x.
//   - Order and ties are exact for vectors on a grid, that is, for vectors of whole multiples of one power of two: integers,
//     quarters, ±1, quantised values. The condition is 4‖x − mean‖² ≤ 2⁵³ squared grid steps for L2, and ‖x‖² ≤ 2⁵³ for the
//     inner product. For the cosine each vector must be a multiple of a vector of integers with ‖x‖² ≤ 2²⁶. Up to 2²⁴ instead
//     of 2⁵³ this takes no additional time. Above that bound, and under the cosine, at least k candidates of each query are
//     computed again in double precision.
//   - The cosine distance is ‖u − v‖²/2 of unit vectors in double precision, which are centred before they are rounded to
//     float32. It has the relative error of an L2 distance, also where 1 − cos would lose all its digits. The rounding of the
//     given coordinates remains.
//   - Vectors of any finite length are supported, and lengths may differ greatly within a set. Vectors are scaled by a power of
//     two. If the range of float32 is still too small, distances are computed in double precision, which is slower. A distance
//     that float32 cannot represent is an error: a distance above 3.4·10³⁸, or an inner product other than 0 below
//     1.2·10⁻³⁸ in absolute value. L2 and cosine distances below 1.2·10⁻³⁸ are returned as subnormal numbers, which have fewer
//     digits, or as 0.
package exact

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/tile"
	"anncapacity/lib/internal/xla"
)

// Index searches a set of vectors exactly. It implements ann.Searcher.
type Index struct {
	// MaxMemory bounds the memory, in bytes, that SearchAll and SearchBatch allocate in addition to the base, including
	// their result. Zero means no bound. A search that does not fit is an error and computes nothing.
	MaxMemory int64
	// Progress, if not nil, is called by SearchAll and SearchBatch with the share of the work that is done, in ascending
	// order.
	Progress func(share float64)
	// Group, if not nil, is called by SearchBatch, and by SearchAll if it does not compute all pairs at once, for each group of
	// queries, in order: those from … from+n−1. It returns what compute returns, and may store it, so that a repeated search need
	// not compute a group again. The size of the groups depends on MaxMemory and k.
	Group func(from, n int, compute func() ([]ann.Neighbors, error)) ([]ann.Neighbors, error)

	base   ann.Vectors
	points points // base, prepared for the metric
}

// New returns an index of base under the Euclidean metric. It copies and computes nothing.
func New(base ann.Vectors) *Index {
	return &Index{base: base, points: points{Vectors: base, metric: ann.Euclidean}}
}

// NewMetric returns an index of base under the given metric. Under the inner product the distance is −⟨a, b⟩. Under the
// cosine the lengths of the vectors are computed, and a zero vector is an error.
func NewMetric(base ann.Vectors, metric ann.Metric) (*Index, error) {
	p, err := newPoints(base, metric)
	return &Index{base: base, points: p}, err
}

// SearchBatch returns the k nearest neighbours of every query vector, as a Stream does. No query is treated as an indexed point. In
// addition to the two sets it allocates the result, the blocks of a Stream, and for each of at most 8,000 queries at a time, or 262,144 on a
// GPU (fewer if MaxMemory requires it), a copy of the query, a list and at most 2k + 64 candidates.
func (x *Index) SearchBatch(ctx context.Context, queries ann.Vectors, k int) ([]ann.Neighbors, error) {
	if queries.D != x.base.D {
		return nil, fmt.Errorf("exact: queries have %d dimensions, the index %d", queries.D, x.base.D)
	}
	if err := ann.CheckK(k, x.base.N); err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	if err := x.fits(x.BatchBytes(queries.N, k)); err != nil || queries.N == 0 {
		return nil, err
	}
	q, err := newPoints(queries, x.points.metric)
	if err != nil {
		return nil, err
	}
	return x.stream(ctx, &q, k, noSelf)
}

// SearchAll returns the k nearest neighbours of every indexed point, excluding the point itself. If k is above n/100, or if XLA computes
// the products on the CPU, and if MaxMemory allows, the distance of every pair is computed once and used for both points. Otherwise queries
// are processed in groups, as in SearchBatch: this computes each product twice, by faster kernels, but compares candidates in double
// precision.
func (x *Index) SearchAll(ctx context.Context, k int) ([]ann.Neighbors, error) {
	if err := checkOthers(k, x.base.N); err != nil {
		return nil, err
	}
	slow := streamShape() == cpuShape && (xla.Named() || tile.Best() == nil)
	if (slow || k > x.base.N/mostPointsOfNeighbour) && x.fits(x.symmetric(k)) == nil {
		return x.pairwise(ctx, k)
	}
	if err := x.fits(x.BatchBytes(x.base.N, k)); err != nil {
		return nil, err
	}
	return x.stream(ctx, &x.points, k, ownID)
}

// mostPointsOfNeighbour is the number of points for each neighbour from which on groups of queries are faster than pairs. In
// BenchmarkSearchAll groups took .96 of the time of pairs for 10,000 × 2048 embeddings of photographs, k 100, and 2.0 × as long for k 500;
// .98 and 1.1 × for as many normal numbers, whose distances are nearly equal; and .63 and .78 × for 50,000 × 128 normal numbers.
const mostPointsOfNeighbour = 100

// checkOthers reports a k outside 1 … n − 1.
func checkOthers(k, n int) error {
	if err := ann.CheckK(k, n-1); err != nil {
		return fmt.Errorf("exact: n = %d: %w", n, err)
	}
	return nil
}

// noSelf and ownID return the indexed point that must be excluded from the result of a query, given the row of the
// query; −1 means none.
func noSelf(int32) int32      { return -1 }
func ownID(query int32) int32 { return query }

// fits returns an error if bytes exceeds MaxMemory.
func (x *Index) fits(bytes int64) error {
	if x.MaxMemory > 0 && bytes > x.MaxMemory {
		return fmt.Errorf("exact: searching %d × %d vectors takes %.1f MB of additional memory, the bound is %.1f MB",
			x.base.N, x.base.D, float64(bytes)/1e6, float64(x.MaxMemory)/1e6)
	}
	return nil
}

// symmetric returns the number of bytes that pairwise allocates: the base as rows and as columns, candidates and results
// of all points, and one block of values.
func (x *Index) symmetric(k int) int64 {
	n := int64(x.base.N)
	return 8*int64(len(x.base.Data)) + n*(8*int64(roomFor(k))+8*int64(k)+64) + 4*blockRows*blockRows
}

// streamed returns the number of bytes that stream allocates for the given number of queries, processed in groups: results,
// queries, candidates and lists of a group, two blocks of columns, the values or bits of a block, and the order of a part.
func (x *Index) streamed(queries, k, group int) int64 {
	n, d, s := int64(min(queries, group)), int64(x.base.D), streamShape()
	block := 8*int64(max(s.columns, s.near))*d + max(4*blockRows*blockRows, int64(s.calls)*min(n, int64(s.rows))*max(4*int64(s.columns), int64(s.near)/6))
	return int64(queries)*(8*int64(k)+24) + n*(8*int64(roomFor(k))+32*int64(k)+128+4*d) + block + 4*int64(s.part)
}

// BatchBytes returns the smallest MaxMemory with which SearchBatch finds the k nearest neighbours of so many queries.
func (x *Index) BatchBytes(queries, k int) int64 { return x.streamed(queries, k, streamShape().rows) }

// groupOf returns the number of queries that stream processes at a time, as MaxMemory allows.
func (x *Index) groupOf(queries, k int) int {
	s := streamShape()
	group := s.group * s.rows
	for group > s.rows && x.fits(x.streamed(queries, k, group)) != nil {
		group -= s.rows
	}
	return group
}

func (x *Index) report(share float64) {
	if x.Progress != nil {
		x.Progress(share)
	}
}
