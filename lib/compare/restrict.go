package compare

import (
	"context"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/numpy"
)

// A restriction leaves some of the points as possible answers: those whose attribute is less than below, or those that are not
// deleted.
type restriction struct {
	kind    string
	share   float64
	below   int32   // of a filter
	delete  []int32 // IDs to delete now, in addition to those of the restriction before
	allowed []bool  // by ID
	count   int     // number of allowed points
	truth   [][]int32
}

// attributes returns the numbers 0 … n−1 in a random order: one for each point, which does not depend on its position.
func (s *session) attributes() ([]int32, error) { return numpy.Choice(s.Base.N, s.Base.N, s.Seed+1) }

// restrictions returns all filters, then the deletions, with the exact neighbours of every query among the allowed points.
func (s *session) restrictions(ctx context.Context) (sets []restriction, err error) {
	attributes, err := s.attributes()
	if err != nil {
		return nil, err
	}
	of := func(share float64) int32 { return int32(math.Round(share * float64(s.Base.N))) }
	for _, share := range filterShares {
		r := restriction{kind: Filtered, share: share, below: max(1, of(share))}
		sets = append(sets, r.allow(attributes, func(a int32) bool { return a < r.below }))
	}
	gone := int32(0)
	for _, share := range deleteShares {
		r := restriction{kind: Deleted, share: share}
		for id, a := range attributes {
			if a >= gone && a < of(share) {
				r.delete = append(r.delete, int32(id))
			}
		}
		gone = of(share)
		sets = append(sets, r.allow(attributes, func(a int32) bool { return a >= gone }))
	}
	for i := range sets {
		if sets[i].truth, err = s.exactAmong(ctx, sets[i].allowed); err != nil {
			return nil, err
		}
	}
	return sets, nil
}

// allow returns r with the allowed points: those whose attribute satisfies may.
func (r restriction) allow(attributes []int32, may func(int32) bool) restriction {
	r.allowed = make([]bool, len(attributes))
	for id, a := range attributes {
		if may(a) {
			r.allowed[id] = true
			r.count++
		}
	}
	return r
}

// exactAmong returns, for each query, the IDs of its nearest allowed points other than itself: as many as the largest k, or all.
func (s *session) exactAmong(ctx context.Context, allowed []bool) ([][]int32, error) {
	var ids []int32
	for id, may := range allowed {
		if may {
			ids = append(ids, int32(id))
		}
	}
	some, err := s.Base.Subset(ids)
	if err != nil {
		return nil, err
	}
	index, err := exact.NewMetric(some, s.Metric)
	if err != nil {
		return nil, err
	}
	most := slices.Max(s.K)
	lists, err := index.SearchBatch(ctx, s.queries, min(len(ids), most+1))
	if err != nil {
		return nil, err
	}
	truth := make([][]int32, len(lists))
	for i, list := range lists {
		truth[i] = others(list, ids, s.ids[i], most)
	}
	return truth, nil
}

// others returns the IDs of at most k neighbours without self. The neighbours are numbered by their places in ids.
func others(list ann.Neighbors, ids []int32, self int32, k int) (truth []int32) {
	for _, n := range list {
		if id := ids[n.ID]; id != self && len(truth) < k {
			truth = append(truth, id)
		}
	}
	return truth
}
