package order

import (
	"slices"

	"anncapacity/lib/internal/rank"
)

// take sets the units and the masses to those of the limit smallest keys (see package rank), in ascending order. It changes the
// order of keys.
func (r *Ranking) take(keys []uint64, limit int, mass func(value float32) float32) {
	limit = min(limit, len(keys))
	smallest(keys, limit)
	keys = keys[:limit]
	slices.Sort(keys)
	r.Units, r.Mass = r.Units[:0], r.Mass[:0]
	for _, key := range keys {
		r.Units = append(r.Units, rank.ID(key))
		r.Mass = append(r.Mass, mass(rank.Value(key)))
	}
}

// smallest moves the n smallest of different keys to the front, in any order (Hoare 1961, "Algorithm 65: find").
func smallest(keys []uint64, n int) {
	for len(keys) > 1 && n > 0 && n < len(keys) {
		pivot := median(keys[0], keys[len(keys)/2], keys[len(keys)-1])
		i, j := 0, len(keys)-1
		for i <= j {
			for keys[i] < pivot {
				i++
			}
			for keys[j] > pivot {
				j--
			}
			if i <= j {
				keys[i], keys[j] = keys[j], keys[i]
				i++
				j--
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

func median(a, b, c uint64) uint64 { return max(min(a, b), min(max(a, b), c)) }
