package vec

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Every loop gives the bits of plain Go for all lengths, from any place of a slice, and writes nothing beyond its result.
func TestLoops(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	for n := range 70 {
		x, y, centre := make([]float32, n+3), make([]float32, n+3), make([]float64, n+3)
		for i := range x {
			x[i] = float32(math.Ldexp(rng.NormFloat64(), rng.IntN(20)-10))
			y[i], centre[i] = float32(rng.NormFloat64()), rng.NormFloat64()
		}
		a, b, c := x[1:][:n], y[2:][:n], centre[1:][:n]
		var sums [4]float64
		plainDot(a[:n/4*4], b[:n/4*4], &sums)
		for i := n / 4 * 4; i < n; i++ {
			sums[0] += float64(float64(a[i]) * float64(b[i]))
		}
		if got, want := Dot(a, b), (sums[0]+sums[1])+(sums[2]+sums[3]); got != want {
			t.Errorf("the product of %d coordinates is %v, want %v", n, got, want)
		}
		got, want := slices.Clone(centre), slices.Clone(centre)
		AddScaled(got[1:][:n], a, 1.7)
		plainAddScaled(want[1:][:n], a, 1.7)
		same(t, "AddScaled", n, got, want)
		to, toWant := slices.Clone(x), slices.Clone(x)
		Center(to[1:][:n], a, 1.3, c, 0.7)
		plainCenter(toWant[1:][:n], a, 1.3, c, 0.7)
		same(t, "Center", n, to, toWant)
		pairs := slices.Repeat([]int32{7}, n/2+3)
		pairsWant := slices.Clone(pairs)
		Round(pairs[1:], b, 1000.5)
		plainRound(pairsWant[1:][:(n+1)/2], b, 1000.5)
		same(t, "Round", n, pairs, pairsWant)
	}
}

func same[T comparable](t *testing.T, name string, n int, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s of %d coordinates: %v, want %v", name, n, got, want)
	}
}

// Rounding is to the nearest whole number, ties to even, of either sign, with 0 after an odd number of coordinates.
func TestRound(t *testing.T) {
	x := []float32{0.5, 1.5, -0.5, -1.5, 32767, -32767, 2.49, -2.51, 3}
	words := []int16{0, 2, 0, -2, 32767, -32767, 2, -3, 3, 0}
	pairs := make([]int32, 5)
	Round(pairs, x, 1)
	for p, pair := range pairs {
		if int16(pair) != words[2*p] || int16(pair>>16) != words[2*p+1] {
			t.Errorf("pair %d is %d and %d, want %d and %d", p, int16(pair), int16(pair>>16), words[2*p], words[2*p+1])
		}
	}
}
