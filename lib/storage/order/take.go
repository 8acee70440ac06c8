package order

import (
	"slices"

	"anncapacity/lib/internal/rank"
)

// take sets the units and the masses to those of the limit smallest keys (see package rank), in ascending order. It changes the
// order of keys.
func (r *Ranking) take(keys []uint64, limit int, mass func(value float32) float32) {
	limit = min(limit, len(keys))
	rank.Smallest(keys, limit)
	keys = keys[:limit]
	slices.Sort(keys)
	r.Units, r.Mass = r.Units[:0], r.Mass[:0]
	for _, key := range keys {
		r.Units = append(r.Units, rank.ID(key))
		r.Mass = append(r.Mass, mass(rank.Value(key)))
	}
}
