package squared

import (
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
