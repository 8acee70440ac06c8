package partition

import (
	"context"
	"math"
	"reflect"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/tile"
)

// everyKernel returns an assigner for each kernel of this CPU, and for XLA.
func everyKernel(t *testing.T, v ann.Coordinates, clusters int) (all []*assigner) {
	for _, k := range append(tile.Kernels(), nil) {
		a, err := newAssignerOn(k, v, clusters)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(a.release)
		all = append(all, a)
	}
	return all
}

// Training has the same bits with every kernel and with XLA: more vectors and centroids than fill panels, and several blocks.
func TestSameOnEveryKernel(t *testing.T) {
	vectors := kinds()
	vectors["several blocks"] = bytesOf(made(9001, 33, normal))
	for name, base := range vectors {
		clusters := min(base.N, 301)
		var want *trainer
		for _, a := range everyKernel(t, base, clusters) {
			got := &trainer{Options: Options{Clusters: clusters, Iterations: 4}, assigner: a, train: base, base: base}
			if err := got.iterate(context.Background(), base.Rows(0, clusters)); err != nil {
				t.Fatal(err)
			}
			if got.assigner = nil; want == nil {
				want = got
			} else if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: kernels differ: inertia %v and %v", name, got.trace, want.trace)
			}
		}
	}
}

// What assign is given as a guess changes nothing.
func TestGuess(t *testing.T) {
	base := made(3000, 7, normal)
	centroids := base.Rows(0, 50)
	for _, a := range everyKernel(t, base, centroids.N) {
		assignment := make([]int32, base.N)
		inertia, err := a.assign(context.Background(), base, centroids, assignment)
		if err != nil {
			t.Fatal(err)
		}
		for _, guess := range [][]int32{assignment, slices.Repeat([]int32{49}, base.N)} {
			got := slices.Clone(guess)
			if same, err := a.assign(context.Background(), base, centroids, got); same != inertia || !slices.Equal(got, assignment) {
				t.Errorf("inertia %v, %v with another guess: %v", inertia, same, err)
			}
		}
	}
}

// Every kernel, and XLA, gives the near centroids: of many, all of which may be near, and of a few.
func TestNearOnEveryKernel(t *testing.T) {
	for name, base := range kinds() {
		centroids := made(700, base.D, normal).Vectors()
		for c := range min(base.N, 40) {
			copy(centroids.Row(c), base.Row(c, make([]float32, base.D)))
		}
		some := base.Slice(0, min(base.N, 500))
		for _, a := range everyKernel(t, some, centroids.N) {
			for _, o := range []NearOptions{{K: 700, Epsilon: .1}, {K: 9, Epsilon: math.Inf(1)}, {K: 3, Epsilon: .3}, {K: 1}} {
				seen := make([]bool, some.N)
				err := a.newSearch(some, centroids, o).run(context.Background(), func() func(i int, vector []float32, near []int32) {
					return func(i int, vector []float32, near []int32) {
						seen[i] = true
						checkNear(t, name, o, vector, near, centroids)
					}
				})
				if err != nil || slices.Contains(seen, false) {
					t.Fatalf("%s: not all vectors, %v", name, err)
				}
			}
		}
	}
}
