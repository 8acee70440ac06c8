package compare

import (
	"context"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/numpy"
)

// A column is an attribute of every point, and the restrictions under which an index with this attribute is searched.
type column struct {
	name       string // of the stored records
	attributes []int32
	sets       []restriction
	k          []int
}

// asked holds the points that are queries.
type asked struct {
	ids     []int32
	vectors ann.Vectors
	truth   [][]int32 // exact neighbours of the queries among all points, as many as the largest k
}

// A restriction leaves some of the points as possible answers: those whose attribute is less than below, or those that are not
// deleted.
type restriction struct {
	kind, correlation string
	share             float64
	below             int32   // of a filter
	delete            []int32 // IDs to delete now, in addition to those of the restriction before
	allowed           []bool  // by ID
	count             int     // number of allowed points
	asked             asked
	truth             [][]int32 // exact neighbours of the queries among the allowed points
}

// columns returns the attributes, and all restrictions with the exact neighbours of every query among the allowed points.
func (s *session) columns(ctx context.Context) ([]column, error) {
	random, err := s.random()
	if err != nil {
		return nil, err
	}
	correlated, err := s.correlated(ctx)
	if err != nil {
		return nil, err
	}
	all := []column{random, correlated}
	for _, c := range all {
		for i := range c.sets {
			if c.sets[i].truth, err = s.exactAmong(ctx, c.sets[i].asked, c.sets[i].allowed); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// supported returns c with the restrictions that e supports. Exact engines, which compare with every point that matches, are searched
// under those that do not depend on positions.
func (c column) supported(e engine.Engine) column {
	c.sets = slices.DeleteFunc(slices.Clone(c.sets), func(r restriction) bool {
		return r.kind == Filtered && e.Filter == "" || r.kind == Deleted && e.Delete == "" || r.correlation != Anywhere && e.Exact()
	})
	return c
}

// drawn returns the queries of the session.
func (s *session) drawn() asked { return asked{s.ids, s.queries, s.truth} }

// pointsOf returns a share of the number of points, rounded.
func (s *session) pointsOf(share float64) int32 { return int32(math.Round(share * float64(s.Base.N))) }

// random returns the column of the numbers 0 … n−1 in a random order, which do not depend on positions: all filters, then the
// deletions.
func (s *session) random() (c column, err error) {
	c = column{name: "random", k: s.K}
	if c.attributes, err = numpy.Choice(s.Base.N, s.Base.N, s.Seed+1); err != nil {
		return c, err
	}
	for _, share := range filterShares {
		r := restriction{kind: Filtered, correlation: Anywhere, share: share, below: max(1, s.pointsOf(share)), asked: s.drawn()}
		c.sets = append(c.sets, r.allow(c.attributes, func(a int32) bool { return a < r.below }))
	}
	gone := int32(0)
	for _, share := range deleteShares {
		r := restriction{kind: Deleted, correlation: Anywhere, share: share, asked: s.drawn()}
		for id, a := range c.attributes {
			if a >= gone && a < s.pointsOf(share) {
				r.delete = append(r.delete, int32(id))
			}
		}
		gone = s.pointsOf(share)
		c.sets = append(c.sets, r.allow(c.attributes, func(a int32) bool { return a >= gone }))
	}
	return c, nil
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

// nearby returns the share of the k exact neighbours among all points that are allowed, the mean over the queries.
func (r restriction) nearby(k int) float64 {
	allowed, all := 0, 0
	for _, truth := range r.asked.truth {
		for _, id := range truth[:k] {
			if all++; r.allowed[id] {
				allowed++
			}
		}
	}
	return float64(allowed) / float64(all)
}

// exactAmong returns, for each query, the IDs of its nearest allowed points other than itself: as many as the largest k, or all.
func (s *session) exactAmong(ctx context.Context, queries asked, allowed []bool) ([][]int32, error) {
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
	lists, err := index.SearchBatch(ctx, queries.vectors, min(len(ids), most+1))
	if err != nil {
		return nil, err
	}
	truth := make([][]int32, len(lists))
	for i, list := range lists {
		truth[i] = others(list, ids, queries.ids[i], most)
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
