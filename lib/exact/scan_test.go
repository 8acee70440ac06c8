package exact

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/testkit"
)

// lowerLimit, given part of the values, keeps the k nearest and rejects most of the others.
func TestLowerLimit(t *testing.T) {
	const n, k, block = 20000, 100, 1000
	rng := rand.New(rand.NewPCG(3, 0))
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(rng.NormFloat64())
	}
	slices.Sort(values)
	kth := values[k-1]
	rng.Shuffle(n, func(i, j int) { values[i], values[j] = values[j], values[i] })
	s, taken := newNearest(k), 0
	for from := 0; from < n; from += block {
		s.limitFromSample(values[from:], 1, block, n)
		for i, value := range values[from : from+block] {
			if value <= s.limit {
				s.take(value, int32(from+i))
				taken++
			}
		}
		s.seen += block
		s.lowerLimit(n)
		if s.limit < kth {
			t.Fatalf("after %d values: limit %v, the %dth of all is %v", from+block, s.limit, k, kth)
		}
	}
	if t.Logf("%d of %d taken", taken, n); taken > 10*k {
		t.Errorf("%d of %d values were taken", taken, n)
	}
}

// A query whose limit was estimated too low, so that too few candidates remain, is searched again by a scan.
func TestLimitTooLow(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 0))
	v := ann.Vectors{N: 60, D: 5, Data: make([]float32, 300)}
	for i := range v.Data {
		v.Data[i] = float32(rng.NormFloat64())
	}
	x, found, lists := New(v), newLists(v.N, 10), make([]ann.Neighbors, v.N)
	f, err := newFrame(&x.points, &x.points)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range found {
		s.take(0, 1)
	}
	find := &finder{frame: f, base: &x.points, queries: &x.points, k: 10, self: ownID}
	if err := find.groupLists(groups{first: inOrder(v.N)}, found, lists); err != nil {
		t.Fatal(err)
	}
	want, err := x.SearchAll(context.Background(), 10)
	if err != nil {
		t.Fatal(err)
	}
	for i := range lists {
		for j, n := range lists[i] {
			if len(lists[i]) != 10 || n.ID != want[i][j].ID {
				t.Fatalf("query %d: %v, must be %v", i, lists[i], want[i])
			}
		}
	}
}

// BenchmarkSearchAll compares the two ways of SearchAll: mostPointsOfNeighbour rests on it.
func BenchmarkSearchAll(b *testing.B) {
	ctx := context.Background()
	v, err := embedding.Open(testkit.Shared(b, photographs))
	if err != nil {
		b.Fatal(err)
	}
	for _, set := range []struct {
		name string
		base ann.Vectors
	}{
		{"photographs", ann.Vectors{N: 10000, D: v.D, Data: v.Data[:10000*v.D]}},
		{"random", random(50000, 128, 2)},
		{"random", random(10000, 2048, 1)},
	} {
		x := New(set.base)
		for _, k := range []int{10, 100, 500} {
			for name, search := range map[string]func() ([]ann.Neighbors, error){
				"pairs":  func() ([]ann.Neighbors, error) { return x.pairwise(ctx, k) },
				"groups": func() ([]ann.Neighbors, error) { return x.stream(ctx, &x.points, k, ownID) },
			} {
				b.Run(fmt.Sprintf("%s/%dx%d/k=%d/%s", set.name, set.base.N, set.base.D, k, name), func(b *testing.B) {
					for b.Loop() {
						if _, err := search(); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		}
	}
}
