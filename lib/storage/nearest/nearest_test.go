package nearest

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/xla"
)

// random returns n vectors of uint8, many of which are equal.
func random(t *testing.T, rng *rand.Rand, n, d, values int) ann.Coordinates {
	data := make([]uint8, n*d)
	for i := range data {
		data[i] = uint8(rng.IntN(values))
	}
	c, err := ann.NewBytes(n, d, data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// truth returns the IDs that package exact finds.
func truth(t *testing.T, base, queries ann.Coordinates, k int) (ids []int32) {
	lists, err := exact.New(base.Vectors()).SearchBatch(t.Context(), queries.Vectors(), k)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lists {
		for _, n := range l {
			ids = append(ids, n.ID)
		}
	}
	return ids
}

// distances returns the squared distances between each query and its neighbours.
func distances(base, queries ann.Coordinates, ids []int32) (all []float32) {
	row, k := make([]float32, queries.D), len(ids)/queries.N
	for i, id := range ids {
		all = append(all, base.SquaredL2(queries.Row(i/k, row), int(id)))
	}
	return all
}

// TestFindIsExact compares both ways with package exact, for a base of more than one block and many equal distances.
func TestFindIsExact(t *testing.T) {
	backend, err := xla.Backend()
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 0))
	for _, test := range []struct{ n, d, values, k int }{{baseRows + 100, 8, 256, 1}, {500, 3, 3, 10}, {baseRows + 1, 4, 16, 3}} {
		base, queries := random(t, rng, test.n, test.d, test.values), random(t, rng, 40, test.d, test.values)
		want := truth(t, base, queries, test.k)
		f, err := newFinder(backend, base, test.k)
		if err != nil {
			t.Fatal(err)
		}
		onDevice, err := f.find(t.Context(), queries.Vectors())
		f.release()
		if err != nil || !slices.Equal(distances(base, queries, onDevice), distances(base, queries, want)) {
			t.Errorf("%+v on a device: %v, %v; want %v", test, onDevice, err, want)
		}
		called := 0
		ids, err := Find(t.Context(), base, queries, Options{K: test.k, Progress: func(n int) { called += n }})
		if err != nil || !slices.Equal(ids, want) || called != queries.N {
			t.Errorf("%+v: %v, %v after %d queries; want %v", test, ids, err, called, want)
		}
	}
}

func TestFindErrors(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	base := random(t, rng, 10, 4, 256)
	if _, err := Find(t.Context(), base, random(t, rng, 2, 5, 256), Options{K: 1}); err == nil {
		t.Error("no error for queries of another dimension")
	}
	for _, k := range []int{0, 11} {
		if _, err := Find(t.Context(), base, base, Options{K: k}); err == nil {
			t.Errorf("no error for k = %d", k)
		}
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := Find(stopped, base, base, Options{K: 1}); err == nil {
		t.Error("no error after an interrupt")
	}
}
