package hnsw

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
)

// A graph of vectors with many dimensions is built on rounded vectors, and its recall is high under every metric. If a far
// outlier makes the grid too coarse, the graph is built on the vectors themselves.
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
		on, err := space.(*vectorSpace).forConstruction(context.Background(), Options{})
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

// recall returns the mean recall@10 of 100 queries.
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

// Multiplying vectors by 2⁷⁰ or 2⁻⁹⁰, so that their squares are outside the range of float32, changes neither the graph nor
// the neighbours, and multiplies the distances by the same factor. This holds on vectors and on a matrix.
func TestLengthsBeyondFloat32Squares(t *testing.T) {
	v := clusters(400, 6, 3)
	plain := searchAll(t, v)
	for _, exponent := range []int{70, -90} {
		scaled := ann.Vectors{N: v.N, D: v.D, Data: slices.Clone(v.Data)}
		for i := range scaled.Data {
			scaled.Data[i] = float32(math.Ldexp(float64(scaled.Data[i]), exponent))
		}
		for i, n := range searchAll(t, scaled) {
			if math.Abs(math.Ldexp(float64(n.Distance), -exponent)/float64(plain[i].Distance)-1) > 1e-6 || n.ID != plain[i].ID {
				t.Fatalf("2^%d: answer %d is %v, must be %v times as far", exponent, i, n, plain[i])
			}
		}
	}
}

// searchAll returns the answers to all points, one after another.
func searchAll(t *testing.T, v ann.Vectors) (all ann.Neighbors) {
	t.Helper()
	matrix, err := exact.AllPairs(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	onVectors, onMatrix := build(t, OnVectors(v), Options{M: 8, Seed: 1}), build(t, OnMatrix(matrix), Options{M: 8, Seed: 1})
	s, err := NewSearcher(onVectors, v, SearchOptions{EfSearch: 30})
	if err != nil {
		t.Fatal(err)
	}
	w, err := NewWalker(onMatrix, OnMatrix(matrix))
	if err != nil {
		t.Fatal(err)
	}
	for i := range v.N {
		near, err := s.Search(ann.Point(v, int32(i)), 5)
		if err != nil {
			t.Fatal(err)
		}
		walk, err := w.Walk(ann.PointID(int32(i)), 30)
		if err != nil {
			t.Fatal(err)
		}
		walked, err := walk.Answer(Pad, 5, 30)
		if err != nil {
			t.Fatal(err)
		}
		all = append(append(all, near...), walked...)
	}
	return all
}

func TestLengthsTooDifferentForFloat32(t *testing.T) {
	v := clusters(50, 4, 1)
	for i := range v.Data[4:] {
		v.Data[4+i] *= 1e-22
	}
	if _, err := Build(context.Background(), OnVectors(v), Options{}); err == nil || !strings.Contains(err.Error(), "underflow float32") {
		t.Errorf("lengths 10²² apart: %v", err)
	}
	if _, err := OnMetric(v, ann.InnerProduct); err == nil {
		t.Error("lengths 10²² apart, products: no error")
	}
}
