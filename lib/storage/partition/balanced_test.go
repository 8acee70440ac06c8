package partition

import (
	"context"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/vec"
)

// Balanced clusters respect their bound, at a moderate cost in inertia.
func TestBalanced(t *testing.T) {
	base := made(5000, 6, normal)
	plain, err := KMeans(context.Background(), base, Options{Clusters: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 100, 130, 5000} {
		r, err := Balanced(context.Background(), base, BalancedOptions{Options: Options{Clusters: 50}, MaxSize: size, Rounds: 2})
		if err != nil {
			t.Fatal(err)
		}
		bound := size
		if size == 0 {
			bound = 110
		}
		if largest := largestOf(r); largest > bound || size == 100 && largest < 100 {
			t.Errorf("bound %d: a cluster of %d vectors", bound, largest)
		}
		if r.Inertia > 1.3*plain.Inertia || size < 5000 && r.Inertia < plain.Inertia {
			t.Errorf("bound %d: inertia %v, without a bound %v", bound, r.Inertia, plain.Inertia)
		}
		if err := r.Layout().Check(base.N); err != nil {
			t.Error(err)
		}
		if size != 100 { // with full clusters some vectors are assigned after the others
			checkStable(t, base, r, bound)
		}
	}
	if largestOf(plain) <= 130 {
		t.Error("the bound does not matter")
	}
}

func largestOf(r Result) (largest int) {
	l := r.Layout()
	for c := range l.Units() {
		largest = max(largest, l.Size(c))
	}
	return largest
}

// checkStable reports a vector that is not in the cluster of a nearer centroid although that cluster has room or holds a vector
// that is farther from the centroid.
func checkStable(t *testing.T, base ann.Coordinates, r Result, bound int) {
	t.Helper()
	l, distance := r.Layout(), func(id int32, c int) float64 { return vec.SquaredL2(base.Row(int(id), nil), r.Centroids.Row(c)) }
	farthest := make([]float64, l.Units())
	for c := range farthest {
		for _, id := range l.Unit(c) {
			farthest[c] = max(farthest[c], distance(id, c))
		}
	}
	for id, own := range r.Assignment {
		at := distance(int32(id), int(own))
		for c := range farthest {
			if d := distance(int32(id), c); d < at*(1-1e-6) && (l.Size(c) < bound || d < farthest[c]*(1-1e-6)) {
				t.Fatalf("vector %d is in cluster %d at %v, cluster %d of %d vectors is at %v, its farthest vector at %v",
					id, own, at, c, l.Size(c), d, farthest[c])
			}
		}
	}
}

// Equal vectors fill one cluster after another: more than the candidates that are considered at a time.
func TestBalancedDuplicates(t *testing.T) {
	base := ann.Coordinates{N: 1000, D: 3, Bytes: make([]uint8, 3000)}
	r, err := Balanced(context.Background(), base, BalancedOptions{Options: Options{Clusters: 100}, MaxSize: 10})
	if err != nil {
		t.Fatal(err)
	}
	for c := range 100 {
		if size := r.Layout().Size(c); size != 10 {
			t.Fatalf("cluster %d has %d vectors", c, size)
		}
	}
}

// One vector per cluster is a permutation.
func TestBalancedSingles(t *testing.T) {
	base := made(90, 3, normal)
	r, err := Balanced(context.Background(), base, BalancedOptions{Options: Options{Clusters: 90, Iterations: 1}, MaxSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(r.Assignment)
	if !slices.Equal(r.Assignment, ids(90)) {
		t.Error(r.Assignment)
	}
}

// Assign returns the nearest centroids of a search in double precision.
func TestAssign(t *testing.T) {
	for name, base := range kinds() {
		centroids := made(12, base.D, normal).Vectors()
		for c := range centroids.N {
			copy(centroids.Row(c), base.Row(c, make([]float32, base.D)))
		}
		lists, err := Assign(context.Background(), base, centroids, 5)
		if err != nil {
			t.Fatal(err)
		}
		row := make([]float32, base.D)
		for i, list := range lists {
			x := base.Row(i, row)
			want := ids(12)
			slices.SortStableFunc(want, func(a, b int32) int {
				if vec.SquaredL2(x, centroids.Row(int(a))) < vec.SquaredL2(x, centroids.Row(int(b))) {
					return -1
				} else if vec.SquaredL2(x, centroids.Row(int(a))) > vec.SquaredL2(x, centroids.Row(int(b))) {
					return 1
				}
				return 0
			})
			for j, n := range list {
				if at := vec.SquaredL2(x, centroids.Row(int(want[j]))); float64(n.Distance)*float64(n.Distance) > at*(1+3e-5) {
					t.Fatalf("%s: vector %d, place %d: centroid %d at %v, want %d at √%v", name, i, j, n.ID, n.Distance, want[j], at)
				}
			}
			if len(list) != 5 {
				t.Fatalf("%s: %d centroids", name, len(list))
			}
		}
	}
}
