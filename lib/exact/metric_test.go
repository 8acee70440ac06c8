package exact

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
)

// byDefinition returns the k nearest by ann.Metric.Distance, ties by ID, the query excluded by its ID.
func byDefinition(base ann.Vectors, query []float32, self, k int, metric ann.Metric) ann.Neighbors {
	var all ann.Neighbors
	for i := range base.N {
		if i != self {
			all = append(all, ann.Neighbor{ID: int32(i), Distance: metric.Distance(query, base.Row(i))})
		}
	}
	all.Sort()
	return all[:k]
}

// sameList fails if two lists differ. Neighbours may change places if their distances agree to about six digits of the
// largest.
func sameList(t *testing.T, what string, got, want ann.Neighbors) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d neighbours, want %d", what, len(got), len(want))
		return
	}
	scale := 1 + math.Abs(float64(want[len(want)-1].Distance))
	for i := range got {
		if d := math.Abs(float64(got[i].Distance - want[i].Distance)); d > 2e-6*scale {
			t.Errorf("%s: place %d is %+v, want %+v", what, i, got[i], want[i])
			return
		}
	}
}

// Every search method returns the lists of the definition under every metric and memory bound, for set sizes around the
// size of a block.
func TestMetrics(t *testing.T) {
	ctx := context.Background()
	for _, n := range []int{2, 40, 2501} {
		base := random(n, 24, uint64(n))
		for i := range base.Data {
			base.Data[i] -= 99.5 // so that directions and signs of products differ
		}
		k := min(20, n-1)
		for _, metric := range ann.Metrics {
			x, err := NewMetric(base, metric)
			if err != nil {
				t.Fatal(err)
			}
			all, err := x.pairwise(ctx, k)
			if err != nil {
				t.Fatal(err)
			}
			x.MaxMemory = x.streamed(n, k, blockRows)
			if n > blockRows && x.fits(x.symmetric(k)) == nil {
				t.Fatal("the bound does not forbid the way of pairs")
			}
			streamed, err := x.SearchAll(ctx, k)
			if err != nil {
				t.Fatal(err)
			}
			batch, err := x.SearchBatch(ctx, base, k)
			if err != nil {
				t.Fatal(err)
			}
			for q := 0; q < n; q += 1 + n/40 {
				one, err := x.Search(ann.Point(base, int32(q)), k)
				if err != nil {
					t.Fatal(err)
				}
				want := byDefinition(base, base.Row(q), q, k, metric)
				sameList(t, metric.String()+", one", one, want)
				sameList(t, metric.String()+", pairs", all[q], want)
				sameList(t, metric.String()+", streamed", streamed[q], want)
				sameList(t, metric.String()+", batch", batch[q], byDefinition(base, base.Row(q), -1, k, metric))
			}
		}
	}
}

// Both methods of SearchAll return the same lists, also for duplicates and near duplicates.
func TestPairsAndStreamAgree(t *testing.T) {
	base := random(2600, 32, 8)
	for i := 100; i < 1400; i += 3 {
		copy(base.Row(i), base.Row(7))
		base.Row(i)[i%32] += float32(i%5) * 1e-3
	}
	x := New(base)
	pairs, err := x.SearchAll(context.Background(), 300)
	if err != nil {
		t.Fatal(err)
	}
	x.MaxMemory = x.streamed(base.N, 300, blockRows)
	streamed, err := x.SearchAll(context.Background(), 300)
	if err != nil {
		t.Fatal(err)
	}
	for q := range pairs {
		if !slices.Equal(ids(pairs[q]), ids(streamed[q])) {
			t.Fatalf("query %d: two lists", q)
		}
	}
	if got, want := ids(pairs[7])[:80], oracle(base, base.Row(7), 7, 80); !slices.Equal(got, want) {
		t.Errorf("near duplicates: %v, want %v", got, want)
	}
}

func TestMemoryBound(t *testing.T) {
	x := New(random(3000, 8, 1))
	x.MaxMemory = 1 << 16
	if _, err := x.SearchAll(context.Background(), 10); err == nil || !strings.Contains(err.Error(), "bound") {
		t.Errorf("a bound of 64 kB gave %v", err)
	}
}

func TestZeroVectorHasNoCosine(t *testing.T) {
	base := random(10, 4, 1)
	x, err := NewMetric(base, ann.Cosine)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Search(ann.Query{Vector: make([]float32, 4)}, 3); err == nil || !strings.Contains(err.Error(), "zero vector") {
		t.Errorf("a zero query gave %v", err)
	}
	clear(base.Row(6))
	if _, err := NewMetric(base, ann.Cosine); err == nil || !strings.Contains(err.Error(), "row 6") {
		t.Errorf("a zero row gave %v", err)
	}
}

func TestProgressReachesOne(t *testing.T) {
	x, last := New(random(2600, 8, 1)), 0.
	x.Progress = func(share float64) {
		if share < last {
			t.Errorf("progress fell from %v to %v", last, share)
		}
		last = share
	}
	if _, err := x.SearchAll(context.Background(), 3); err != nil {
		t.Fatal(err)
	}
	if last != 1 {
		t.Errorf("progress ended at %v", last)
	}
}
