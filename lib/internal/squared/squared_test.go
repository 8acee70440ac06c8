package squared

import (
	"math"
	"math/rand/v2"
	"testing"
)

// upTo returns 0 … n−1.
func upTo(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

// Squared distances of bytes of every length and alignment, also the largest, are the sum in plain Go.
func TestBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for _, n := range append(upTo(200), 1<<14, 1<<14+1, 1<<15+31, 1<<17-1) {
		for range 3 {
			a, b := make([]uint8, n+7)[rng.IntN(7):], make([]uint8, n+7)[rng.IntN(7):]
			a, b = a[:n], b[:n]
			want := 255 * 255 * n
			for i := range a {
				a[i] = 255
			}
			if got := Bytes(a, b); got != want || plain(b, a) != want {
				t.Fatalf("%d bytes: %d and %d, want %d", n, got, plain(b, a), want)
			}
			want = 0
			for i := range a {
				a[i], b[i] = uint8(rng.Uint32()), uint8(rng.Uint32())
				want += (int(a[i]) - int(b[i])) * (int(a[i]) - int(b[i]))
			}
			if got := Bytes(a, b); got != want || plain(a, b) != want {
				t.Fatalf("%d random bytes: %d and %d, want %d", n, got, plain(a, b), want)
			}
		}
	}
}

// Squared distances of floats of every length and alignment have the bits of the sums in plain Go, and those of integers are exact.
func TestFloats(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 7))
	for _, n := range append(upTo(140), 2048, 3071) {
		a, b := make([]float32, n+7)[rng.IntN(7):][:n], make([]float32, n+7)[rng.IntN(7):][:n]
		for i := range a {
			a[i], b[i] = float32(rng.NormFloat64()*math.Exp(4*rng.NormFloat64())), float32(rng.NormFloat64())
		}
		got, places := floats(a, b)
		if want, n := plainFloats(a, b); got != want || places != n {
			t.Fatalf("%d numbers: %v up to %d, want %v up to %d", n, got, places, want, n)
		}
		var want float64
		for i := range a {
			a[i], b[i] = float32(rng.IntN(1000)), float32(rng.IntN(1000))
			want += float64(a[i]-b[i]) * float64(a[i]-b[i])
		}
		if got := Floats(a, b); got != want {
			t.Fatalf("%d integers: %v, want %v", n, got, want)
		}
	}
}
