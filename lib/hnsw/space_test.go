package hnsw

import (
	"context"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
)

// Of vectors with many dimensions a graph is built on rounded ones, and answers as well under every metric; where a far
// outlier would leave the rest no room on the grid, on the vectors themselves.
func TestConstructionOnRoundedVectors(t *testing.T) {
	v := clusters(1000, matrixDimensions, 3)
	far := ann.Vectors{N: v.N, D: v.D, Data: append([]float32(nil), v.Data...)}
	far.Row(17)[5] = 1e7
	for _, test := range []struct {
		v       ann.Vectors
		metric  ann.Metric
		rounded bool
	}{
		{v, ann.Euclidean, true}, {v, ann.Cosine, true}, {v, ann.InnerProduct, true},
		{far, ann.Euclidean, false}, {far, ann.Cosine, true},
	} {
		space, err := OnMetric(test.v, test.metric)
		if err != nil {
			t.Fatal(err)
		}
		on, err := space.(vectorSpace).forConstruction(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if _, isMatrix := on.(matrixSpace); isMatrix != test.rounded || on.metric() != test.metric {
			t.Errorf("%v: built on %T under %v; on rounded vectors: want %v", test.metric, on, on.metric(), test.rounded)
		}
		if share := recall(t, build(t, space, Options{M: 16, Seed: 1}), test.v, test.metric); share < .97 {
			t.Errorf("%v: recall@10 = %.3f", test.metric, share)
		}
	}
}

// recall is the share of their 10 nearest that 100 points find.
func recall(t *testing.T, g *Graph, v ann.Vectors, metric ann.Metric) float64 {
	t.Helper()
	s, err := NewSearcher(g, v, SearchOptions{EfSearch: 100, Metric: metric})
	if err != nil {
		t.Fatal(err)
	}
	truth, err := exact.NewMetric(v, metric)
	if err != nil {
		t.Fatal(err)
	}
	found := 0.
	for i := range 100 {
		found += foundShare(t, s, truth, ann.Point(v, int32(i*v.N/100)), metric, v) / 100
	}
	return found
}
