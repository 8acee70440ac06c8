package exact

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/tile"
)

// inBlocks returns the result of a Stream over a base in blocks of at most size rows, in the given order of blocks. It is the same if XLA
// or any kernel of this CPU computes the products.
func inBlocks(t *testing.T, base, queries ann.Vectors, k int, metric ann.Metric, self []int32, size int, backwards bool) []ann.Neighbors {
	t.Helper()
	lists := inBlocksBy(t, nil, base, queries, k, metric, self, size, backwards)
	for _, by := range tile.Kernels() {
		sameLists(t, metric, size, inBlocksBy(t, by, base, queries, k, metric, self, size, backwards), lists)
	}
	return lists
}

// inBlocksBy does what inBlocks does, by one kernel or, if it is nil, by XLA.
func inBlocksBy(t *testing.T, by *tile.Kernel, base, queries ann.Vectors, k int, metric ann.Metric, self []int32, size int, backwards bool) []ann.Neighbors {
	t.Helper()
	s, err := NewStream(queries, k, metric, StreamOptions{Self: self})
	if err != nil {
		t.Fatal(err)
	}
	s.tiles = by
	var firsts []int
	for first := 0; first < base.N; first += size {
		firsts = append(firsts, first)
	}
	if backwards {
		slices.Reverse(firsts)
	}
	for _, first := range firsts {
		to := min(first+size, base.N)
		block := ann.Vectors{N: to - first, D: base.D, Data: slices.Clone(base.Data[first*base.D : to*base.D])}
		if err := s.Add(context.Background(), first, block); err != nil {
			t.Fatal(err)
		}
		for i := range block.Data {
			block.Data[i] = float32(math.NaN()) // the block may be overwritten
		}
	}
	lists, err := s.Neighbors()
	if err != nil {
		t.Fatal(err)
	}
	return lists
}

// trueValues returns the neighbours by the values in double precision, ties by ID.
func trueValues(t *testing.T, base, queries ann.Vectors, k int, metric ann.Metric, self []int32) []ann.Neighbors {
	t.Helper()
	b, err := newPoints(base, metric)
	if err != nil {
		t.Fatal(err)
	}
	q, err := newPoints(queries, metric)
	if err != nil {
		t.Fatal(err)
	}
	f, lists := finder{frame: &frame{metric: metric, scale: 1}}, make([]ann.Neighbors, queries.N)
	for i := range lists {
		var all []ranked
		for j := range base.N {
			if self == nil || self[i] != int32(j) {
				all = append(all, ranked{b.value(&q, i, j), int32(j)})
			}
		}
		slices.SortFunc(all, ranked.compare)
		if lists[i], err = f.neighbors(int32(i), all[:min(k, len(all))]); err != nil {
			t.Fatal(err)
		}
	}
	return lists
}

// A Stream returns the same bytes as the comparison of all pairs in double precision, for every size and order of the blocks, with
// vectors on a grid, far from the origin, of all lengths, and with many ties.
func TestStream(t *testing.T) {
	for _, kind := range kinds() {
		t.Run(kind.name, func(t *testing.T) {
			for _, metric := range ann.Metrics {
				if metric == ann.InnerProduct && kind.refused {
					continue
				}
				base, queries := kind.v, ann.Vectors{N: 40, D: kind.v.D, Data: kind.v.Data[7*kind.v.D:][:40*kind.v.D]}
				self := inOrder(47)[7:]
				want := trueValues(t, base, queries, 10, metric, self)
				for i, size := range []int{base.N, base.N/7 + 1} {
					sameLists(t, metric, size, inBlocks(t, base, queries, 10, metric, self, size, i > 0), want)
				}
			}
		})
	}
}

func sameLists(t *testing.T, metric ann.Metric, size int, got, want []ann.Neighbors) {
	t.Helper()
	for i := range want {
		if !slices.Equal(got[i], want[i]) {
			t.Fatalf("%v, blocks of %d: query %d: %v, want %v", metric, size, i, got[i], want[i])
		}
	}
}

// The lists do not depend on the number of processors, with more queries than a block of rows and k above the number of points.
func TestStreamOnOneProcessor(t *testing.T) {
	base, queries := random(2300, 20, 1), random(1100, 20, 2)
	for _, k := range []int{1, 700, 3000} {
		want := inBlocks(t, base, queries, k, ann.Euclidean, nil, 2300, false)
		before := runtime.GOMAXPROCS(1)
		got := inBlocks(t, base, queries, k, ann.Euclidean, nil, 999, true)
		runtime.GOMAXPROCS(before)
		sameLists(t, ann.Euclidean, 999, got, want)
		if len(got[0]) != min(k, base.N) {
			t.Errorf("%d neighbours for k = %d", len(got[0]), k)
		}
		sameLists(t, ann.Euclidean, 2300, want[:30], trueValues(t, base, ann.Vectors{N: 30, D: 20, Data: queries.Data[:600]}, k, ann.Euclidean, nil))
	}
}

// Points that come nearer and nearer, all at nearly the same distance, are the hardest order for the limit of candidates.
func TestStreamOfApproachingPoints(t *testing.T) {
	base := made(3000, 8, func(rng *rand.Rand, i, j int) float64 { return rng.NormFloat64() })
	for i := range base.N {
		length := ann.Length(base.Row(i))
		for j := range base.D {
			base.Row(i)[j] *= float32((2 - 1e-6*float64(i)) / length)
		}
	}
	queries := ann.Vectors{N: 3, D: 8, Data: append(make([]float32, 8), random(2, 8, 1).Data...)}
	want := trueValues(t, base, queries, 20, ann.Euclidean, nil)
	sameLists(t, ann.Euclidean, 3000, inBlocks(t, base, queries, 20, ann.Euclidean, nil, 3000, false), want)
	sameLists(t, ann.Euclidean, 100, inBlocks(t, base, queries, 20, ann.Euclidean, nil, 100, false), want)
}

// A Stream takes blocks of any number of sizes. GoMLX compiles a program for each, and by default for 32 at most.
func TestStreamOfManySizes(t *testing.T) {
	base, queries := random(40*41/2, 5, 1), random(3, 5, 2)
	s, err := NewStream(queries, 4, ann.Euclidean, StreamOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s.tiles = nil
	for first, size := 0, 1; first < base.N; first, size = first+size, size+1 {
		if err := s.Add(t.Context(), first, ann.Vectors{N: size, D: 5, Data: base.Data[5*first : 5*(first+size)]}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Neighbors()
	if err != nil {
		t.Fatal(err)
	}
	sameLists(t, ann.Euclidean, 40, got, trueValues(t, base, queries, 4, ann.Euclidean, nil))
}

func TestStreamErrors(t *testing.T) {
	ctx, queries := context.Background(), random(3, 4, 1)
	for _, o := range []struct {
		n, k int
		self []int32
		says string
	}{{0, 3, nil, "0 queries"}, {3, 0, nil, "k = 0"}, {3, 1, []int32{1}, "1 IDs for 3 queries"}} {
		if _, err := NewStream(ann.Vectors{N: o.n, D: 4, Data: queries.Data}, o.k, ann.Euclidean, StreamOptions{Self: o.self}); err == nil || !strings.Contains(err.Error(), o.says) {
			t.Errorf("%s: %v", o.says, err)
		}
	}
	s, err := NewStream(queries, 2, ann.Cosine, StreamOptions{})
	if err != nil {
		t.Fatal(err)
	}
	bad := random(5, 4, 2)
	bad.Row(3)[1] = float32(math.NaN())
	for says, add := range map[string]func() error{
		"5 dimensions": func() error { return s.Add(ctx, 0, random(3, 5, 1)) },
		"IDs -1 to 3":  func() error { return s.Add(ctx, -1, random(5, 4, 1)) },
		"the block of the IDs 100 to 104: exact: vectors: row 3": func() error { return s.Add(ctx, 100, bad) },
		"zero vector": func() error { return s.Add(ctx, 0, ann.Vectors{N: 1, D: 4, Data: make([]float32, 4)}) },
	} {
		if err := add(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if err := s.Add(stopped, 0, random(5, 4, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled Add: %v", err)
	}
}
