// Package walk searches vectors on storage: it reads the units of a layout in the order that was estimated for the query, and
// keeps the nearest of the vectors in them, until it is told to stop.
package walk

import (
	"context"
	"math"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/order"
)

// Reader reads units.
type Reader interface {
	// Units returns the number of units.
	Units() int
	// Read adds the vectors of the units to nearest.
	Read(ctx context.Context, units []int32, nearest *Scan) (Step, error)
}

// Counter is a Reader that can count what Read would read.
type Counter interface {
	Reader
	Count(units []int32) Step
}

// Step is the result of one Read.
type Step struct {
	Vectors int // number of vectors of the units, copies included
	Pages   int // number of pages of the units
	Entered int // number of vectors that were among the nearest when they were added
}

// State describes a search after some units have been read.
type State struct {
	Units     int     // number of units read
	Reads     int     // number of batches of units; the units of a batch are read at the same time
	Vectors   int     // number of vectors in these units, copies included
	Pages     int     // number of pages of these units
	Mass      float64 // sum of the units' probabilities to hold the nearest neighbour, 0 if the order sets none
	Unchanged int     // number of units read since the k nearest changed
	walk      *Walk
}

// Remaining returns the estimated probability that a unit that was not read holds a vector nearer than the k-th nearest so far.
// It is 1 if fewer than k vectors were found.
func (s *State) Remaining() float64 {
	w := s.walk
	if w.nearest.Len() < w.k {
		return 1
	}
	return w.order.Remaining(float32(w.nearest.Bound()), s.Units, &w.ranking)
}

// Ratio returns the distance between the query and the centroid of the next unit, divided by that of the first. It is +Inf if no unit
// is left, and NaN if the order has no centroids.
func (s *State) Ratio() float64 {
	squared := s.walk.ranking.Squared
	switch {
	case len(squared) == 0:
		return math.NaN()
	case s.Units == len(squared):
		return math.Inf(1)
	case squared[s.Units] == squared[0]:
		return 1
	}
	return math.Sqrt(float64(squared[s.Units]) / float64(squared[0]))
}

// Walk searches for one query at a time. It may be used for several queries, one after another.
type Walk struct {
	// Final, if not nil, reports whether no unit can change the neighbours found. From then on units are counted and not read; the
	// Reader must be a Counter.
	Final func(*Scan) bool

	order   order.Order
	reader  Reader
	k       int
	nearest *Scan
	ranking order.Ranking
}

// New returns a Walk for queries of d numbers and k neighbours.
func New(o order.Order, r Reader, d, k int) (*Walk, error) {
	nearest, err := NewScan(d, k)
	return &Walk{order: o, reader: r, k: k, nearest: nearest}, err
}

// Nearest returns the neighbours found for the latest query.
func (w *Walk) Nearest() *Scan { return w.nearest }

// firstUnits is the number of units that are ranked first. If they are not enough, a quarter more are ranked each time.
const firstUnits = 16

// batch returns the number of units that are read at the same time after n have been read. Reading a sixteenth ahead saves waiting
// and reads at most a sixteenth in vain.
func batch(n int) int { return max(1, n/16) }

// Run searches for the query. After every batch of units it calls done, and stops when done returns true or when no unit is left.
func (w *Walk) Run(ctx context.Context, query ann.Query, done func(*State) bool) error {
	if err := w.nearest.Reset(query); err != nil {
		return err
	}
	s := State{walk: w}
	final, all := false, w.reader.Units()
	for limit := 0; s.Units < all; {
		to := min(s.Units+batch(s.Units), all)
		if to >= limit && limit < all { // Ratio looks at the unit after these
			limit = min(max(firstUnits, limit+limit/4), all)
			w.order.Rank(query.Vector, limit, &w.ranking)
		}
		units := w.ranking.Units[s.Units:to]
		step, err := w.step(ctx, units, &final)
		if err != nil {
			return err
		}
		s.add(w, len(units), step)
		if done(&s) {
			return nil
		}
	}
	return nil
}

// step reads the units or, if the result is final, counts them.
func (w *Walk) step(ctx context.Context, units []int32, final *bool) (Step, error) {
	if *final {
		return w.reader.(Counter).Count(units), nil
	}
	step, err := w.reader.Read(ctx, units, w.nearest)
	*final = w.Final != nil && err == nil && w.Final(w.nearest)
	return step, err
}

// add adds the next units of the ranking to the state.
func (s *State) add(w *Walk, units int, step Step) {
	if len(w.ranking.Mass) > 0 {
		for _, mass := range w.ranking.Mass[s.Units : s.Units+units] {
			s.Mass += float64(mass)
		}
	}
	s.Vectors += step.Vectors
	s.Pages += step.Pages
	s.Units += units
	s.Reads++
	s.Unchanged += units
	if step.Entered > 0 {
		s.Unchanged = 0
	}
}
