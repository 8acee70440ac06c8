package exact

import (
	"fmt"
	"math"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// Search finds the k nearest of one query by scanning all vectors. Distances are computed in double precision.
func (x *Index) Search(query ann.Query, k int) (ann.Neighbors, error) {
	if err := ann.CheckQuery(query, k, x.base.N, x.base.D); err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	q, err := measured(ann.Vectors{N: 1, D: x.base.D, Data: query.Vector}, x.points.metric)
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

// candidates chooses by squared L2 distances in float32, which is faster, all points that may be among the k nearest of the only
// query. It gives up on values that float32 cannot hold.
func (f *finder) candidates() *nearest {
	f.inexact = productError(f.base.D) // more than the error of Σ (aᵢ − bᵢ)², as a share of it
	values := make([]float32, f.base.N)
	parallel.For(f.base.N, func(j int) { values[j] = ann.SquaredL2(f.queries.Row(0), f.base.Row(j)) })
	s := newNearest(f.k)
	s.demand(8*f.inexact, 0)
	for _, value := range values {
		if !(value <= math.MaxFloat32) {
			s.giveUp()
		}
	}
	s.offer(values, int(f.self(0)))
	return s
}
