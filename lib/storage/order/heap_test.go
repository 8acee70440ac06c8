package order

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Keys leave a heap in ascending order, whether it was made at once or key by key.
func TestHeap(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	for n := range 70 {
		var keys, pushed []uint64
		for range n {
			keys = append(keys, rng.Uint64N(50))
			pushed = push(pushed, keys[len(keys)-1])
		}
		made := slices.Clone(keys)
		heapify(made)
		slices.Sort(keys)
		for _, want := range keys {
			if made[0] != want || pushed[0] != want {
				t.Fatalf("%d keys: %d and %d, want %d", n, made[0], pushed[0], want)
			}
			made, pushed = pop(made), pop(pushed)
		}
	}
}
