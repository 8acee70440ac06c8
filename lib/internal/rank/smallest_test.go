package rank_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"anncapacity/lib/internal/rank"
)

func TestSmallest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for range 2000 {
		keys := make([]uint64, 1+rng.IntN(40))
		for i, x := range rng.Perm(len(keys)) {
			keys[i] = uint64(x)
		}
		n := rng.IntN(len(keys) + 1)
		rank.Smallest(keys, n)
		slices.Sort(keys[:n])
		for i, x := range keys[:n] {
			if x != uint64(i) {
				t.Fatalf("the %d smallest of %d: %v", n, len(keys), keys[:n])
			}
		}
	}
}
