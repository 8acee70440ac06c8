package sketch

import (
	"math/rand/v2"
	"testing"
)

func TestAddSquaresIsPlain(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for n := range 70 {
		x, word := make([]float32, n), make([]int8, n)
		for i := range x {
			x[i], word[i] = float32(100*rng.NormFloat64()), int8(rng.IntN(255)-127)
		}
		got, want := [8]float32{1, 2}, [8]float32{1, 2}
		addSquares(x, word, .37, &got)
		addSquaresPlain(x, word, .37, &want)
		if got != want {
			t.Fatalf("%d numbers: %v, want %v", n, got, want)
		}
	}
}
