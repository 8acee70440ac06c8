package router

import (
	"fmt"
	"slices"

	"anncapacity/lib/storage/layout"
)

// Labels holds, for every query, the units that are right answers. All labels of a training are of one kind: without weights, any
// of the units of a query is right; with weights, the weights are a distribution over the units.
type Labels struct {
	Starts  []int32   // length n+1, ascending from 0: query i has Units[Starts[i]:Starts[i+1]], at least one and each once
	Units   []int32   // units, query after query
	Weights []float32 // one for each of Units, or nil. The weights of a query are not negative and sum to 1
}

// One returns labels of a single unit for each query.
func One(units []int32) Labels {
	l := Labels{Starts: make([]int32, len(units)+1), Units: units}
	for i := range l.Starts {
		l.Starts[i] = int32(i)
	}
	return l
}

// Holding returns as labels of query i all units that hold vector nearest[i]. holders is Layout.Holders.
func Holding(holders layout.Layout, nearest []int32) (Labels, error) {
	l := Labels{Starts: make([]int32, 1, len(nearest)+1)}
	for i, id := range nearest {
		if id < 0 || int(id) >= holders.Units() {
			return Labels{}, fmt.Errorf("router: the nearest vector of query %d is %d: there are %d vectors", i, id, holders.Units())
		}
		l.Units = append(l.Units, holders.Unit(int(id))...)
		l.Starts = append(l.Starts, int32(len(l.Units)))
	}
	return l, nil
}

// Soft returns as labels of a query a distribution over the units that hold its nearest vectors. neighbors holds k IDs for each
// query, the nearest first, query after query. The neighbour of rank r = 0 … len(weights)−1 has a probability proportional to
// weights[r], which is divided evenly among the units that hold it. len(weights) is k.
func Soft(holders layout.Layout, neighbors []int32, weights []float64) (Labels, error) {
	k, sum := len(weights), 0.
	for r, w := range weights {
		if sum += w; !(w >= 0) {
			return Labels{}, fmt.Errorf("router: weight %v of rank %d: must not be negative", w, r)
		}
	}
	if !(sum > 0) || sum-sum != 0 || len(neighbors)%k != 0 {
		return Labels{}, fmt.Errorf("router: %d neighbours and %d weights of sum %v: want one weight for each neighbour of a query "+
			"and a finite sum above 0", len(neighbors), k, sum)
	}
	l := Labels{Starts: make([]int32, 1, len(neighbors)/k+1)}
	for list := range slices.Chunk(neighbors, k) {
		if err := l.add(holders, list, weights, sum); err != nil {
			return Labels{}, fmt.Errorf("router: query %d: %w", len(l.Starts)-1, err)
		}
	}
	return l, nil
}

// add appends the labels of a query with the given neighbours.
func (l *Labels) add(holders layout.Layout, neighbors []int32, weights []float64, sum float64) error {
	start := len(l.Units)
	for r, id := range neighbors {
		if id < 0 || int(id) >= holders.Units() {
			return fmt.Errorf("neighbour %d: there are %d vectors", id, holders.Units())
		}
		units := holders.Unit(int(id))
		for _, u := range units {
			w := float32(weights[r] / sum / float64(len(units)))
			if at := slices.Index(l.Units[start:], u); at >= 0 {
				l.Weights[start+at] += w
			} else {
				l.Units, l.Weights = append(l.Units, u), append(l.Weights, w)
			}
		}
	}
	l.Starts = append(l.Starts, int32(len(l.Units)))
	return nil
}

// Len returns the number of queries.
func (l Labels) Len() int { return max(0, len(l.Starts)-1) }

// Of returns the units of query i, as a view.
func (l Labels) Of(i int) []int32 { return l.Units[l.Starts[i]:l.Starts[i+1]] }

// width returns the largest number of units of a query.
func (l Labels) width() int {
	width := 0
	for i := range l.Len() {
		width = max(width, int(l.Starts[i+1]-l.Starts[i]))
	}
	return width
}

// check returns an error unless l holds valid labels of n queries and the given number of units.
func (l Labels) check(n, units int) error {
	if l.Len() != n || len(l.Starts) == 0 || l.Starts[0] != 0 || int(l.Starts[n]) != len(l.Units) || !slices.IsSorted(l.Starts) {
		return fmt.Errorf("router: labels of %d queries with %d units do not fit %d queries", l.Len(), len(l.Units), n)
	}
	if l.Weights != nil && len(l.Weights) != len(l.Units) {
		return fmt.Errorf("router: labels have %d units and %d weights", len(l.Units), len(l.Weights))
	}
	for i := range n {
		if l.Starts[i] >= l.Starts[i+1] {
			return fmt.Errorf("router: query %d has no label", i)
		}
		if err := l.checkQuery(i, units); err != nil {
			return err
		}
	}
	return nil
}

func (l Labels) checkQuery(i, units int) error {
	own := l.Of(i)
	for j, u := range own {
		if u < 0 || int(u) >= units {
			return fmt.Errorf("router: label %d of query %d: there are %d units", u, i, units)
		}
		if slices.Contains(own[:j], u) {
			return fmt.Errorf("router: query %d has label %d twice", i, u)
		}
	}
	if l.Weights == nil {
		return nil
	}
	sum := 0.
	for _, w := range l.Weights[l.Starts[i]:l.Starts[i+1]] {
		if sum += float64(w); !(w >= 0) {
			return fmt.Errorf("router: a weight of query %d is %v", i, w)
		}
	}
	if sum < 1-1e-4 || sum > 1+1e-4 {
		return fmt.Errorf("router: the weights of query %d sum to %v, not 1", i, sum)
	}
	return nil
}
