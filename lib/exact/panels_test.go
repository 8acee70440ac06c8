package exact

import (
	"math"
	"math/rand/v2"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/tile"
)

// Products of vectors that are rounded to words differ from the true ones by at most tile.WordError, for vectors of one coordinate, of equal
// coordinates, of which half a unit is lost each, and of random ones.
func TestWordError(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 0))
	worst := 0.
	for round := range 2000 {
		d := 1 + rng.IntN(300)
		x, y := wordVector(rng, d, round%3), wordVector(rng, d, round/3%3)
		f := &frame{metric: ann.InnerProduct, words: true}
		product, given := 0., 0.
		a, b := make([]int32, (d+1)/2), make([]int32, (d+1)/2)
		unit := float64(f.round(a, x, 0)) * float64(f.round(b, y, 0))
		for p := range a {
			product += unit * (float64(int16(a[p]))*float64(int16(b[p])) + float64(a[p]>>16)*float64(b[p]>>16))
		}
		for j := range x {
			given += float64(x[j]) * float64(y[j])
		}
		worst = max(worst, math.Abs(product-given)/(ann.Length(x)*ann.Length(y))/tile.WordError(d))
	}
	if worst > 1 || worst < .05 {
		t.Errorf("the largest error is %.2f of the bound, want at most 1 and not much less", worst)
	}
}

func wordVector(rng *rand.Rand, d, kind int) []float32 {
	x := make([]float32, d)
	length := math.Ldexp(1, rng.IntN(60)-40)
	for j := range x {
		switch kind {
		case 0:
			x[j] = float32(length * rng.NormFloat64())
		case 1:
			x[j] = float32(length)
		}
	}
	x[rng.IntN(d)] = float32(length)
	return x
}
