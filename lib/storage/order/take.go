package order

import (
	"slices"

	"anncapacity/lib/internal/rank"
)

// sorting holds the keys of all units for a query (see package rank) and sorts as many as were asked for.
type sorting struct {
	query  []float32
	keys   []uint64
	sorted int // keys[:sorted] are ascending, and no other key is smaller
}

// begin reports whether the keys of the query must be set. It then removes those of the last query.
func (s *sorting) begin(query []float32) bool {
	if slices.Equal(s.query, query) {
		return false
	}
	s.query, s.keys, s.sorted = append(s.query[:0], query...), s.keys[:0], 0
	return true
}

// leastSorted is the number of keys that are sorted at first.
const leastSorted = 256

// take sets the units of r to those of the limit smallest keys, in ascending order.
func (s *sorting) take(r *Ranking, limit int) {
	limit = min(limit, len(s.keys))
	if limit > s.sorted {
		n := min(max(limit, leastSorted), len(s.keys))
		rank.Smallest(s.keys[s.sorted:], n-s.sorted)
		slices.Sort(s.keys[s.sorted:n])
		s.sorted = n
	}
	r.Units = r.Units[:0]
	for _, key := range s.keys[:limit] {
		r.Units = append(r.Units, rank.ID(key))
	}
}
