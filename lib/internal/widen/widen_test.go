package widen

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Numbers of every length and alignment are converted and added as in plain Go, with the same bits, and nothing beyond them is written.
func TestLengths(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 0))
	for n := range 100 {
		offset := rng.IntN(8)
		from, into := make([]uint8, n+offset)[offset:], make([]float32, n+offset+1)[offset:]
		x, sums := make([]float32, n+offset)[offset:], make([]float64, n+offset+1)[offset:]
		into[n], sums[n] = -1, -1
		for i := range n {
			from[i], x[i] = uint8(rng.Uint32()), float32(rng.NormFloat64()*math.Exp(20*rng.NormFloat64()))
			sums[i] = rng.NormFloat64()
		}
		wantFloats, wantSums := slices.Clone(into), slices.Clone(sums)
		for i := range n {
			wantFloats[i] = float32(from[i])
			wantSums[i] += float64(x[i])
		}
		Floats(into[:n], from)
		Add(sums[:n], x)
		if !slices.Equal(into, wantFloats) || !slices.Equal(sums, wantSums) {
			t.Fatalf("%d numbers: %v, want %v; %v, want %v", n, into, wantFloats, sums, wantSums)
		}
	}
}

// The sums of special values are those of IEEE 754.
func TestSpecialValues(t *testing.T) {
	inf, sums := float32(math.Inf(1)), make([]float64, 8)
	x := []float32{inf, -inf, float32(math.NaN()), math.SmallestNonzeroFloat32, math.MaxFloat32, 0, 1, -1}
	Add(sums, x)
	for i, want := range x {
		if math.Float64bits(sums[i]) != math.Float64bits(float64(want)) {
			t.Errorf("0 + %v = %v", want, sums[i])
		}
	}
}

func Benchmark(b *testing.B) {
	from, x, sums := make([]uint8, 128), make([]float32, 128), make([]float64, 128)
	b.Run("Floats", func(b *testing.B) {
		for b.Loop() {
			Floats(x, from)
		}
	})
	b.Run("Add", func(b *testing.B) {
		for b.Loop() {
			Add(sums, x)
		}
	})
}
