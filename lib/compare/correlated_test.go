package compare

import (
	"reflect"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// The attribute is the rank of the distance to one point. The queries of Near match every filter; those of Far match none but that
// which all points match, and few of their neighbours do.
func TestFiltersByPosition(t *testing.T) {
	x := &scan{}
	e := x.engine("Toy")
	e.Policy, e.Effort, e.Delete = engine.Fills, "ef", ""
	base := clusters(1000, 12)
	rows := filtered(t, Options{Base: base, Engines: []engine.Engine{e}, Sample: 40, Out: t.TempDir()})
	if x.built != 2 || len(rows) != 4*4+8*2 {
		t.Fatalf("%d records of %d indexes", len(rows), x.built)
	}
	centre := base.Row(slices.Index(x.attributes, 0))
	byRank := make([]float32, base.N)
	for id, rank := range x.attributes {
		byRank[rank] = ann.L2(centre, base.Row(id))
	}
	if !slices.IsSorted(byRank) || byRank[0] != 0 {
		t.Errorf("distances to the centre by attribute: %v", byRank)
	}
	nearby := map[string][]float64{}
	for _, r := range rows {
		if r.Overlap != 1 || r.Fill != 1 || r.Wrong != 0 || r.Error != "" || r.Correlation != Anywhere && r.K != 10 {
			t.Errorf("%+v", r)
		}
		if want := map[string]int{Anywhere: 40, Near: 10, Far: 40}[r.Correlation]; r.Queries != want {
			t.Errorf("%s: %d queries, want %d", r.Correlation, r.Queries, want)
		}
		if r.EfSearch == 50 && r.K == 10 {
			nearby[r.Correlation] = append(nearby[r.Correlation], r.Nearby)
		}
	}
	near, far := nearby[Near], nearby[Far]
	if near[0] < .1 || near[1] < .8 || near[2] != 1 || near[3] != 1 || far[0] != 0 || far[1] != 0 || far[2] > .2 || far[3] != 1 {
		t.Errorf("share of the neighbours that match: %v", nearby)
	}
}

// The queries of Near and of Far, and what brute force finds for them, are those that the definitions of the constants say.
func TestCorrelatedQueries(t *testing.T) {
	s, err := newSession(t.Context(), Options{Base: clusters(500, 8), K: []int{10}, Sample: 30, Out: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.correlated(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range c.sets {
		for i, id := range r.asked.ids {
			if rank := c.attributes[id]; r.correlation == Near && rank >= 5 || r.correlation == Far && rank < 450 {
				t.Errorf("%s: a query has rank %d", r.correlation, rank)
			}
			if !slices.Equal(r.asked.vectors.Row(i), s.Base.Row(int(id))) {
				t.Errorf("query %d is not point %d", i, id)
			}
		}
		if want := map[string]int{Near: 5, Far: 30}[r.correlation]; len(r.asked.ids) != want {
			t.Errorf("%s: %d queries", r.correlation, len(r.asked.ids))
		}
	}
	again, err := s.correlated(t.Context())
	if err != nil || !reflect.DeepEqual(again, c) {
		t.Errorf("another column: %v", err)
	}
}
