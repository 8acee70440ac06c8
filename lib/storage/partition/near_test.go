package partition

import (
	"context"
	"math"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/internal/vec"
)

// Near passes on every centroid that is among the nearest and within Epsilon in double precision, and none that is clearly farther.
func TestNear(t *testing.T) {
	for name, base := range kinds() {
		centroids := made(40, base.D, normal).Vectors()
		for c := range 12 {
			copy(centroids.Row(c), base.Row(c, make([]float32, base.D)))
		}
		for _, o := range []NearOptions{{K: 40, Epsilon: .1}, {K: 5, Epsilon: math.Inf(1)}, {K: 3, Epsilon: .3}, {K: 1}} {
			seen := make([]bool, base.N)
			err := Near(context.Background(), base, centroids, o, func() func(i int, vector []float32, near []int32) {
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

// checkNear compares the near centroids of a vector with the definition.
func checkNear(t *testing.T, name string, o NearOptions, vector []float32, near []int32, centroids ann.Vectors) {
	at := make([]float64, centroids.N)
	for c := range at {
		at[c] = vec.SquaredL2(vector, centroids.Row(c))
	}
	sorted := slices.Sorted(slices.Values(at))
	bound := min(sorted[o.K-1], (1+o.Epsilon)*(1+o.Epsilon)*sorted[0])
	for c, x := range at {
		switch in := slices.Contains(near, int32(c)); {
		case !in && x <= bound:
			t.Errorf("%s, %+v: centroid %d at √%v is missing, the bound is √%v", name, o, c, x, bound)
		case in && x > bound*1.01+.01 && name == "normal": // others have coordinates that float32 products cannot tell apart
			t.Errorf("%s, %+v: centroid %d at √%v, the bound is √%v", name, o, c, x, bound)
		}
	}
	if !slices.IsSorted(near) {
		t.Errorf("%s: %v", name, near)
	}
}

func TestNearErrors(t *testing.T) {
	base, nan := made(10, 2, normal), made(10, 2, normal)
	nan.Floats[7] = float32(math.NaN())
	two := ann.Vectors{N: 2, D: 2, Data: make([]float32, 4)}
	for what, c := range map[string]struct {
		base      ann.Coordinates
		centroids ann.Vectors
		o         NearOptions
		words     []string
	}{
		"dimensions": {base, ann.Vectors{N: 2, D: 3, Data: make([]float32, 6)}, NearOptions{K: 1}, []string{"2 dimensions", "3"}},
		"k":          {base, two, NearOptions{K: 3}, []string{"k = 3 of 2"}},
		"epsilon":    {base, two, NearOptions{K: 1, Epsilon: -1}, []string{"Epsilon -1"}},
		"NaN":        {nan, two, NearOptions{K: 1}, []string{"row 3", "NaN"}},
	} {
		err := Near(context.Background(), c.base, c.centroids, c.o, func() func(int, []float32, []int32) { return nil })
		testkit.WantMentions(t, what, err, c.words...)
	}
}
