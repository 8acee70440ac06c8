// Package walk searches vectors on storage: it reads the units of a layout in the order that was estimated for the query, and
// keeps the nearest of the vectors in them, until it is told to stop.
package walk

import (
	"anncapacity/lib/storage/order"
)

// Reader reads units.
type Reader interface {
	// Units returns the number of units.
	Units() int
	// Size returns the number of vectors of a unit, copies included, and of its pages.
	Size(unit int32) (vectors, pages int)
	// Read adds every vector of the units to nearest, with its squared L2 distance to the query.
	Read(query []float32, units []int32, nearest *Nearest) error
}

// State describes a search after some units have been read.
type State struct {
	Units     int     // number of units read
	Reads     int     // number of batches of units; the units of a batch are read at the same time
	Vectors   int     // number of vectors in these units, copies included
	Pages     int     // number of pages of these units
	Mass      float64 // sum of the units' estimated probabilities to hold the nearest neighbour
	Unchanged int     // number of units read since the k nearest changed
	walk      *Walk
}

// Remaining returns the estimated probability that a unit that was not read holds a vector nearer than the k-th nearest so far.
// It is 1 if fewer than k vectors were found.
func (s *State) Remaining() float64 {
	w := s.walk
	if w.Nearest.Len() < w.K {
		return 1
	}
	return w.Order.Remaining(w.Nearest.Bound(), s.Units, &w.ranking)
}

// Walk searches for one query at a time. It may be used for several queries, one after another.
type Walk struct {
	Order  order.Order
	Reader Reader
	K      int // number of neighbours
	// Found, if not nil, reports whether Nearest is known to be final. From then on units are counted and not read.
	Found func(*Nearest) bool

	Nearest Nearest // the k nearest so far
	ranking order.Ranking
}

// firstUnits is the number of units that are ranked first. If they are not enough, more are ranked.
const firstUnits = 256

// batch returns the number of units that are read at the same time after n have been read. Reading a sixteenth ahead saves waiting
// and reads at most a sixteenth in vain.
func batch(n int) int { return max(1, n/16) }

// Run searches for the query. After every batch of units it calls done, and stops when done returns true or when no unit is left.
func (w *Walk) Run(query []float32, done func(*State) bool) error {
	w.Nearest.Reset(w.K)
	s := State{walk: w}
	final := false
	for limit := min(firstUnits, w.Reader.Units()); ; limit = min(4*limit, w.Reader.Units()) {
		w.Order.Rank(query, limit, &w.ranking)
		for s.Units < len(w.ranking.Units) {
			units := w.ranking.Units[s.Units:min(s.Units+batch(s.Units), len(w.ranking.Units))]
			if !final {
				if err := w.read(query, units, &s); err != nil {
					return err
				}
				final = w.Found != nil && w.Found(&w.Nearest)
			} else {
				s.Unchanged += len(units)
			}
			s.count(w, units)
			if done(&s) {
				return nil
			}
		}
		if limit == w.Reader.Units() {
			return nil
		}
	}
}

// read reads the units and updates the number of units since the last change.
func (w *Walk) read(query []float32, units []int32, s *State) error {
	bound, found := w.Nearest.Bound(), w.Nearest.Len()
	if err := w.Reader.Read(query, units, &w.Nearest); err != nil {
		return err
	}
	s.Unchanged += len(units)
	if w.Nearest.Bound() != bound || w.Nearest.Len() != found {
		s.Unchanged = 0
	}
	return nil
}

// count adds the units to the state.
func (s *State) count(w *Walk, units []int32) {
	for i, u := range units {
		vectors, pages := w.Reader.Size(u)
		s.Vectors += vectors
		s.Pages += pages
		s.Mass += float64(w.ranking.Mass[s.Units+i])
	}
	s.Units += len(units)
	s.Reads++
}
