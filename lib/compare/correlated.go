package compare

import (
	"context"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/numpy"
)

// farShare is the share of the points, the farthest from the centre, that the queries of Far are drawn from.
const farShare = .1

// correlated returns the column of each point's rank by its distance to the centre, from 0, and the filters of Near and Far: the points
// that match are the nearest of the centre. The queries of Near are drawn from the points that match the strictest filter, of which
// there are at least two.
func (s *session) correlated(ctx context.Context) (c column, err error) {
	order, err := s.around(ctx)
	if err != nil {
		return c, err
	}
	c = column{name: "correlated", k: s.K[:1], attributes: make([]int32, s.Base.N)}
	for rank, n := range order {
		c.attributes[n.ID] = int32(rank)
	}
	below := func(share float64) int32 { return max(2, s.pointsOf(share)) }
	for _, side := range []struct {
		correlation string
		points      ann.Neighbors
	}{
		{Near, order[:below(filterShares[0])]},
		{Far, order[len(order)-int(below(farShare)):]},
	} {
		queries, err := s.drawFrom(ctx, side.points)
		if err != nil {
			return c, err
		}
		for _, share := range filterShares {
			r := restriction{kind: Filtered, correlation: side.correlation, share: share, below: below(share), asked: queries}
			c.sets = append(c.sets, r.allow(c.attributes, func(a int32) bool { return a < r.below }))
		}
	}
	return c, nil
}

// around returns all points by ascending distance to the centre, a point that is drawn by the seed.
func (s *session) around(ctx context.Context) (ann.Neighbors, error) {
	centre, err := numpy.Choice(s.Base.N, 1, s.Seed+2)
	if err != nil {
		return nil, err
	}
	index, err := exact.NewMetric(s.Base, s.Metric)
	if err != nil {
		return nil, err
	}
	one, err := s.Base.Subset(centre)
	if err != nil {
		return nil, err
	}
	lists, err := index.SearchBatch(ctx, one, s.Base.N)
	if err != nil {
		return nil, err
	}
	return lists[0], nil
}

// drawFrom returns queries that are drawn from points, at most s.Sample.
func (s *session) drawFrom(ctx context.Context, points ann.Neighbors) (queries asked, err error) {
	places, err := numpy.Choice(len(points), min(s.Sample, len(points)), s.Seed)
	if err != nil {
		return queries, err
	}
	for _, place := range places {
		queries.ids = append(queries.ids, points[place].ID)
	}
	if queries.vectors, err = s.Base.Subset(queries.ids); err != nil {
		return queries, err
	}
	all := make([]bool, s.Base.N)
	for id := range all {
		all[id] = true
	}
	queries.truth, err = s.exactAmong(ctx, queries, all)
	return queries, err
}
