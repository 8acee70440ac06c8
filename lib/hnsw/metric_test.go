package hnsw

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
)

// Under each metric the index finds the exact neighbours at the distances by definition, for indexed points and for other
// queries.
func TestMetrics(t *testing.T) {
	v, others := clusters(3000, 12, 6), clusters(50, 12, 7)
	rng := rand.New(rand.NewPCG(2, 0))
	for i := range v.N { // lengths differ, so that the metrics do
		scale := float32(math.Exp(rng.NormFloat64() / 3))
		for j := range v.Row(i) {
			v.Row(i)[j] *= scale
		}
	}
	for _, metric := range ann.Metrics {
		space, err := OnMetric(v, metric)
		if err != nil {
			t.Fatal(err)
		}
		s, err := NewSearcher(build(t, space, Options{M: 16, Seed: 1}), v, SearchOptions{EfSearch: 100, Metric: metric})
		if err != nil {
			t.Fatal(err)
		}
		truth, err := exact.NewMetric(v, metric)
		if err != nil {
			t.Fatal(err)
		}
		found := 0.
		for i := range 100 {
			query := ann.Point(v, int32(29*i))
			if i >= 50 {
				query = ann.Query{Vector: others.Row(i - 50)}
			}
			found += foundShare(t, s, truth, query, metric, v)
		}
		if found < 97 {
			t.Errorf("%v: recall@10 = %.3f", metric, found/100)
		}
	}
}

func foundShare(t *testing.T, s *Searcher, truth *exact.Index, query ann.Query, metric ann.Metric, v ann.Vectors) float64 {
	t.Helper()
	got, err := s.Search(query, 10)
	if err != nil {
		t.Fatal(err)
	}
	want, err := truth.Search(query, 10)
	if err != nil {
		t.Fatal(err)
	}
	for i, n := range got {
		d := metric.Distance(query.Vector, v.Row(int(n.ID)))
		if math.Abs(float64(n.Distance-d)) > 1e-4*(1+math.Abs(float64(d))) {
			t.Fatalf("%v: %d at %v, by definition %v", metric, n.ID, n.Distance, d)
		}
		if i > 0 && got[i-1].Compare(n) >= 0 {
			t.Fatalf("%v: not in order: %+v", metric, got)
		}
	}
	return overlap(idsOf(want), idsOf(got), 10)
}

func TestZeroVectorHasNoCosine(t *testing.T) {
	v := clusters(20, 4, 1)
	g := build(t, OnVectors(v), Options{})
	s, err := NewSearcher(g, v, SearchOptions{Metric: ann.Cosine})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Search(ann.Query{Vector: make([]float32, 4)}, 2); err == nil || !strings.Contains(err.Error(), "zero vector") {
		t.Errorf("a zero query gave %v", err)
	}
	clear(v.Row(3))
	if _, err := OnMetric(v, ann.Cosine); err == nil || !strings.Contains(err.Error(), "row 3") {
		t.Errorf("a zero row gave %v", err)
	}
}
