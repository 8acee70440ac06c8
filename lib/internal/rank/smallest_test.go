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

// The keys end up in the order in which Hoare's partition leaves them.
func TestSmallestLeavesTheOrderOfHoare(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	for range 300 {
		keys := make([]uint64, 1+rng.IntN(1200))
		for i, x := range rng.Perm(len(keys)) {
			keys[i] = uint64(x)
		}
		switch rng.IntN(4) {
		case 0:
			slices.Sort(keys)
		case 1:
			slices.Sort(keys[:len(keys)/2])
		}
		n := rng.IntN(len(keys) + 1)
		want := slices.Clone(keys)
		hoare(want, n)
		if rank.Smallest(keys, n); !slices.Equal(keys, want) {
			t.Fatalf("%d of %d keys are in another order", n, len(keys))
		}
	}
}

// hoare is Hoare's algorithm, one key after another, with the median of three for a pivot.
func hoare(keys []uint64, n int) {
	for len(keys) > 1 && n > 0 && n < len(keys) {
		three := []uint64{keys[0], keys[len(keys)/2], keys[len(keys)-1]}
		slices.Sort(three)
		i, j := 0, len(keys)-1
		for i <= j {
			for keys[i] < three[1] {
				i++
			}
			for keys[j] > three[1] {
				j--
			}
			if i <= j {
				keys[i], keys[j] = keys[j], keys[i]
				i, j = i+1, j-1
			}
		}
		switch {
		case n <= j+1:
			keys = keys[:j+1]
		case n >= i:
			keys, n = keys[i:], n-i
		default:
			return
		}
	}
}
