package exact

import (
	"fmt"
	"math"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// Search returns the k nearest neighbours of one query by scanning all vectors. Distances are computed in double
// precision.
func (x *Index) Search(query ann.Query, k int) (ann.Neighbors, error) {
	if err := ann.CheckQuery(query, k, x.base.N, x.base.D); err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	q, err := newPoints(ann.Vectors{N: 1, D: x.base.D, Data: query.Vector}, x.points.metric)
	if err != nil {
		return nil, err
	}
	self, ok := query.Self()
	if !ok {
		self = noSelf(0)
	}
	f := &finder{frame: &frame{metric: x.points.metric, scale: 1}, base: &x.points, queries: &q, k: k, self: func(int32) int32 { return self }}
	if f.metric == ann.Euclidean {
		return f.neighbors(0, f.ranked(f.candidates(), 0))
	}
	return f.neighbors(0, f.scan(0))
}

// candidates selects all points that may be among the k nearest of the only query, by squared L2 distances in float32,
// which is faster than in double precision. It discards all candidates if float32 cannot hold a distance.
func (f *finder) candidates() *nearest {
	f.inexact = productError(f.base.D) // exceeds the relative error of Σ (aᵢ − bᵢ)²
	values := make([]float32, f.base.N)
	parallel.For(f.base.N, func(j int) { values[j] = ann.SquaredL2(f.queries.Row(0), f.base.Row(j)) })
	s := newNearest(f.k)
	s.setMargin(8*f.inexact, 0)
	for _, value := range values {
		if !(value <= math.MaxFloat32) {
			s.discard()
		}
	}
	s.offer(values, int(f.self(0)))
	return s
}
