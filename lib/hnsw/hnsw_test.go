package hnsw

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
)

// clusters makes n points in d dimensions around ten centres.
func clusters(n, d int, seed uint64) ann.Vectors {
	rng := rand.New(rand.NewPCG(seed, 1))
	centres := make([]float32, 10*d)
	for i := range centres {
		centres[i] = float32(4 * rng.NormFloat64())
	}
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range n {
		c := rng.IntN(10)
		for j := range d {
			v.Row(i)[j] = centres[c*d+j] + float32(rng.NormFloat64())
		}
	}
	return v
}

func build(t testing.TB, space Space, o Options) *Graph {
	t.Helper()
	g, err := Build(context.Background(), space, o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestInvariants(t *testing.T) {
	v := clusters(3000, 16, 1)
	for _, selection := range []Selection{SelectWhenFull, SelectAlways} {
		for _, efConstruction := range []int{1, 20, 200} {
			g := build(t, OnVectors(v), Options{M: 8, EfConstruction: efConstruction, Selection: selection, Seed: 7})
			if err := g.check(); err != nil {
				t.Errorf("%v, efConstruction %d: %v", selection, efConstruction, err)
			}
			if n := g.Unreachable(); efConstruction == 200 && n > 10 {
				t.Errorf("%v: %d of 3000 nodes unreachable", selection, n)
			}
		}
	}
}

// Level l or more has probability M^−l.
func TestLevelsAreGeometric(t *testing.T) {
	const n, m = 200000, 16
	levels := drawLevels(rand.New(rand.NewPCG(3, 0)), n, m)
	for l, want := 1, float64(n)/m; want > 100; l, want = l+1, want/m {
		count := 0
		for _, level := range levels {
			if int(level) >= l {
				count++
			}
		}
		if got := float64(count); got < 0.85*want || got > 1.15*want {
			t.Errorf("level %d or more: %d nodes, %.0f expected", l, count, want)
		}
	}
}

// n = 4000, d = 16, k = 10, efSearch = 64, seed 5: the recall is at least .97, with at most 2000 nodes visited per query.
func TestRecall(t *testing.T) {
	v := clusters(4000, 16, 5)
	g := build(t, OnVectors(v), Options{M: 16, Seed: 5})
	s, err := NewSearcher(g, v, SearchOptions{EfSearch: 64})
	if err != nil {
		t.Fatal(err)
	}
	truth, hits, visited := exact.New(v), 0, 0
	w, err := NewWalker(g, OnVectors(v))
	if err != nil {
		t.Fatal(err)
	}
	for q := int32(0); q < 400; q++ {
		want, err := truth.Search(ann.Point(v, q), 10)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Search(ann.Point(v, q), 10)
		if err != nil {
			t.Fatal(err)
		}
		hits += int(10*overlap(idsOf(want), idsOf(got), 10) + .5)
		walk, err := w.Walk(ann.Point(v, q), 64)
		if err != nil {
			t.Fatal(err)
		}
		visited += walk.Capacity(64)
	}
	if recall := float64(hits) / 4000; recall < .97 {
		t.Errorf("recall@10 = %.4f", recall)
	}
	if mean := visited / 400; mean > 2000 {
		t.Errorf("%d of 4000 points visited per query, want at most 2000", mean)
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	v := clusters(1200, matrixDimensions, 4)
	m, err := exact.AllPairs(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	for _, space := range []Space{OnMatrix(m), OnVectors(v), OnVectors(clusters(1200, 12, 4))} {
		first := bytesOf(t, build(t, space, Options{Seed: 4}))
		old := runtime.GOMAXPROCS(1)
		second := bytesOf(t, build(t, space, Options{Seed: 4}))
		runtime.GOMAXPROCS(old)
		if !bytes.Equal(first, second) {
			t.Error("the same seed gave two graphs")
		}
		if bytes.Equal(first, bytesOf(t, build(t, space, Options{Seed: 5}))) {
			t.Error("two seeds gave one graph")
		}
	}
}

func TestBadInput(t *testing.T) {
	v := clusters(50, 4, 1)
	for _, o := range []Options{{M: 1}, {M: 1000}, {EfConstruction: -1}, {Selection: 9}} {
		if _, err := Build(context.Background(), OnVectors(v), o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
	if _, err := Build(context.Background(), OnVectors(ann.Vectors{D: 4}), Options{}); err == nil {
		t.Error("an empty set was accepted")
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Build(stopped, OnVectors(v), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	g := build(t, OnVectors(v), Options{})
	if _, err := NewWalker(g, OnVectors(clusters(51, 4, 1))); err == nil {
		t.Error("a graph and a space of two sizes were accepted")
	}
	s, err := NewSearcher(g, v, SearchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []int{0, 50} {
		if _, err := s.Search(ann.Point(v, 3), k); err == nil {
			t.Errorf("k = %d of 50 was accepted", k)
		}
	}
	if got, err := s.Search(ann.Point(v, 3), 49); err != nil || len(got) != 49 {
		t.Errorf("k = 49 of 50: %d answers, %v", len(got), err)
	}
}

// With a thousand copies of one vector, searches terminate and the distances of answers are correct.
func TestDuplicates(t *testing.T) {
	v := clusters(1500, 6, 3)
	for i := range 1000 {
		copy(v.Row(i), v.Row(0))
	}
	g := build(t, OnVectors(v), Options{Seed: 3})
	s, err := NewSearcher(g, v, SearchOptions{EfSearch: 100})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Search(ann.Point(v, 5), 20)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 20 {
		t.Fatalf("%d neighbours of a point with 999 duplicates, 20 are expected", len(list))
	}
	for _, n := range list {
		if n.Distance != 0 {
			t.Fatalf("a duplicate's neighbours: %+v", list)
		}
	}
}

// Build reports an ascending share of the points up to 1, and the graph does not keep the function.
func TestBuildProgress(t *testing.T) {
	var shares []float64
	g, err := Build(t.Context(), OnVectors(clusters(500, 8, 1)), Options{M: 8, Progress: func(share float64) { shares = append(shares, share) }})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(shares) || len(shares) < 3 || shares[len(shares)-1] != 1 || g.Options().Progress != nil {
		t.Errorf("shares %v, kept %t", shares, g.Options().Progress != nil)
	}
}
