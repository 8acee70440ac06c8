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
		same(t, "Dot", n, []float64{Dot(a, b)}, []float64{fourSums(a, b, func(x, y float64) float64 { return x * y })})
		same(t, "SquaredL2", n, []float64{SquaredL2(a, b)}, []float64{fourSums(a, b, func(x, y float64) float64 { return (x - y) * (x - y) })})
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

// fourSums returns the sum of terms in the order of sum.
func fourSums(a, b []float32, term func(x, y float64) float64) float64 {
	var sums [4]float64
	for i := range a {
		at := i % 4
		if i >= len(a)/4*4 {
			at = 0
		}
		sums[at] += float64(term(float64(a[i]), float64(b[i])))
	}
	return (sums[0] + sums[1]) + (sums[2] + sums[3])
}

func same[T comparable](t *testing.T, name string, n int, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s of %d coordinates: %v, want %v", name, n, got, want)
	}
}

// Every byte becomes its number, and nothing beyond the result is written.
func TestWiden(t *testing.T) {
	bytes := make([]uint8, 256)
	for i := range bytes {
		bytes[i] = uint8(i)
	}
	for n := range bytes {
		to := slices.Repeat([]float32{-1}, n+1)
		Widen(to[:n], bytes[256-n:])
		for i, x := range to[:n] {
			if want := float32(256 - n + i); x != want {
				t.Fatalf("%d bytes: number %d is %v, want %v", n, i, x, want)
			}
		}
		if to[n] != -1 {
			t.Fatalf("%d bytes: Widen wrote beyond them", n)
		}
	}
}

// Sums and differences of special values are those of IEEE 754.
func TestSpecialValues(t *testing.T) {
	inf, sums, to := float32(math.Inf(1)), make([]float64, 8), make([]float32, 8)
	x := []float32{inf, -inf, float32(math.NaN()), math.SmallestNonzeroFloat32, math.MaxFloat32, 0, 1, -1}
	AddScaled(sums, x, 1)
	Center(to, x, 1, make([]float64, 8), 1)
	for i, want := range x {
		if math.Float64bits(sums[i]) != math.Float64bits(float64(want)) || math.Float32bits(to[i]) != math.Float32bits(want) {
			t.Errorf("0 + %v = %v, %v − 0 = %v", want, sums[i], want, to[i])
		}
	}
	if got := Dot(x[:3], x[:3]); !math.IsNaN(got) {
		t.Errorf("the product with NaN is %v", got)
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
