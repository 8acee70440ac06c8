package rank

import (
	"cmp"
	"math"
	"math/rand/v2"
	"testing"
)

func TestKeysOrderByValueThenID(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	values := []float32{0, float32(math.Copysign(0, -1)), 1, -1, math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32,
		-math.SmallestNonzeroFloat32, float32(math.Inf(1)), float32(math.Inf(-1))}
	for range 200 {
		values = append(values, float32(rng.NormFloat64()*math.Exp(20*rng.NormFloat64())))
	}
	for _, a := range values {
		for _, b := range values {
			for _, ids := range [][2]int32{{3, 3}, {3, 4}, {math.MaxInt32, 0}} {
				x, y := Key(a, ids[0]), Key(b, ids[1])
				want := cmp.Or(cmp.Compare(a, b), cmp.Compare(ids[0], ids[1]))
				if got := cmp.Compare(x, y); got != want {
					t.Fatalf("(%v, %d) and (%v, %d): %d, want %d", a, ids[0], b, ids[1], got, want)
				}
				if Less(x, y) != (a < b) {
					t.Fatalf("Less(%v, %v)", a, b)
				}
				if Value(x) != a || ID(x) != ids[0] {
					t.Fatalf("(%v, %d) came back as (%v, %d)", a, ids[0], Value(x), ID(x))
				}
			}
		}
	}
}
