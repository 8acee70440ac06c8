package atmost

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Next finds what a loop in plain Go finds: in slices of every length and alignment, with ties, infinities, zeros of both signs and
// NaN, and nothing beyond the end of the slice.
func TestNext(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	special := []float32{0, float32(math.Copysign(0, -1)), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()), math.MaxFloat32}
	draw := func() float32 {
		if rng.IntN(8) == 0 {
			return special[rng.IntN(len(special))]
		}
		return float32(rng.IntN(60)) - 5
	}
	for n := range 300 {
		for range 20 {
			from := rng.IntN(9)
			values := make([]float32, from+n, from+n+40)[from:]
			for i := range values[:cap(values)] {
				values[:cap(values)][i] = -9 // beyond the end, at most every limit but −∞
			}
			limit := draw()
			for i := range values {
				if values[i] = draw(); rng.IntN(4) > 0 {
					values[i] += 60 // few are found
				}
			}
			if got, want := Next(values, limit), plain(values, limit); got != want {
				t.Fatalf("%d values, limit %v: %d, want %d of %v", n, limit, got, want, values)
			}
		}
	}
	if got := Next(make([]float32, 1000), -1); got != 1000 {
		t.Errorf("no value found at %d", got)
	}
}
