package hnsw

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"anncapacity/lib/ann"
)

// withCopies returns Gaussian vectors of which many are equal, and many coordinates too, so that many distances are equal.
func withCopies(n, d int) ann.Vectors {
	rng := rand.New(rand.NewPCG(11, 0))
	v := gaussian(rng, n, d)
	for i := range v.Data {
		v.Data[i] = float32(int(v.Data[i]))
	}
	for i := range n / 3 {
		copy(v.Row(i), v.Row(n-1-i))
	}
	return v
}

// The answers of a search are those of a walk, under every policy and metric, with ties, for indexed points and others.
func TestSearchGivesTheAnswersOfAWalk(t *testing.T) {
	v := withCopies(900, 5)
	others := gaussian(rand.New(rand.NewPCG(12, 0)), 20, 5)
	for i := range v.N { // no zero vectors, which have no cosine
		v.Row(i)[0] += .5
	}
	for _, metric := range ann.Metrics {
		space, err := OnMetric(v, metric)
		if err != nil {
			t.Fatal(err)
		}
		g := build(t, space, Options{M: 4, EfConstruction: 30, Seed: 1})
		for _, p := range Policies {
			for _, ef := range []int{1, 7, 40} {
				s, err := NewSearcher(g, v, SearchOptions{EfSearch: ef, Policy: p, Metric: metric})
				if err != nil {
					t.Fatal(err)
				}
				for i := range 40 {
					query := ann.Point(v, int32(i*v.N/40))
					if i >= 20 {
						query = ann.Query{Vector: others.Row(i - 20)}
					}
					compareWithWalk(t, s, query)
				}
			}
		}
	}
}

func compareWithWalk(t *testing.T, s *Searcher, query ann.Query) {
	t.Helper()
	w, err := NewWalker(s.g, s.space)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []int{1, 5, 39, 40, 41, 100} {
		got, gotErr := s.Search(query, k)
		walk, err := w.Walk(query, s.options.Policy.Terms(k, s.options.EfSearch, query).EfSearch)
		if err != nil {
			t.Fatal(err)
		}
		want, wantErr := walk.Answer(s.options.Policy, k, s.options.EfSearch)
		if !slices.Equal(got, want) || errors.Is(gotErr, ErrRejected) != errors.Is(wantErr, ErrRejected) {
			t.Fatalf("%+v, k = %d: %v, %v, want %v, %v", s.options, k, got, gotErr, want, wantErr)
		}
	}
}

// SearchBatch gives the answers of Search at any number of cores, and returns errors.
func TestSearchBatch(t *testing.T) {
	v, queries := clusters(1000, 6, 2), clusters(70, 6, 3)
	s, err := NewSearcher(build(t, OnVectors(v), Options{M: 6}), v, SearchOptions{EfSearch: 20})
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, cores := range []int{1, 4} {
		runtime.GOMAXPROCS(cores)
		lists, err := s.SearchBatch(t.Context(), queries, 7)
		if err != nil || len(lists) != queries.N {
			t.Fatalf("%d lists, %v", len(lists), err)
		}
		for i, got := range lists {
			want, err := s.Search(ann.Query{Vector: queries.Row(i)}, 7)
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("query %d: %v, want %v, %v", i, got, want, err)
			}
		}
	}
	if _, err := s.SearchBatch(t.Context(), clusters(3, 5, 1), 7); err == nil {
		t.Error("queries of another dimension were accepted")
	}
	if _, err := s.SearchBatch(t.Context(), queries, 0); err == nil {
		t.Error("k = 0 was accepted")
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.SearchBatch(stopped, queries, 7); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
