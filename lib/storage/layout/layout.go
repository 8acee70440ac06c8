// Package layout describes how vectors lie on storage: in units, which a search reads as a whole. A unit is a cluster or a page.
package layout

import (
	"fmt"
	"slices"
)

// PageBytes is the size of a page, the smallest piece that is read.
const PageBytes = 4096

// Layout assigns vectors to units. A vector is in at least one unit and may be in several.
type Layout struct {
	Starts []int32 // length Units()+1, ascending from 0: unit u holds IDs[Starts[u]:Starts[u+1]]
	IDs    []int32 // IDs of base vectors, unit after unit
}

// New returns a layout of the given units, each a list of IDs.
func New(units [][]int32) Layout {
	l := Layout{Starts: make([]int32, 1, len(units)+1)}
	for _, ids := range units {
		l.IDs = append(l.IDs, ids...)
		l.Starts = append(l.Starts, int32(len(l.IDs)))
	}
	return l
}

// Units returns the number of units.
func (l Layout) Units() int { return len(l.Starts) - 1 }

// Unit returns the IDs of the vectors of unit u, as a view.
func (l Layout) Unit(u int) []int32 {
	return l.IDs[l.Starts[u]:l.Starts[u+1]:l.Starts[u+1]]
}

// Size returns the number of vectors of unit u.
func (l Layout) Size(u int) int { return int(l.Starts[u+1] - l.Starts[u]) }

// Check returns an error unless the starts ascend from 0 to the number of IDs and every vector 0 … n−1 is in a unit, and in none
// twice.
func (l Layout) Check(n int) error {
	if len(l.Starts) < 2 || l.Starts[0] != 0 || int(l.Starts[l.Units()]) != len(l.IDs) || !slices.IsSorted(l.Starts) {
		return fmt.Errorf("layout: the starts of the units do not ascend from 0 to %d", len(l.IDs))
	}
	last := make([]int32, n) // the last unit, plus 1, that holds the vector
	for u := range l.Units() {
		for _, id := range l.Unit(u) {
			if id < 0 || int(id) >= n {
				return fmt.Errorf("layout: unit %d holds vector %d of %d", u, id, n)
			}
			if last[id] == int32(u+1) {
				return fmt.Errorf("layout: unit %d holds vector %d twice", u, id)
			}
			last[id] = int32(u + 1)
		}
	}
	if id := slices.Index(last, 0); id >= 0 {
		return fmt.Errorf("layout: vector %d is in no unit", id)
	}
	return nil
}

// Holders returns, for every vector 0 … n−1, the units that hold it, as a layout of n lists.
func (l Layout) Holders(n int) Layout {
	h := Layout{Starts: make([]int32, n+1), IDs: make([]int32, len(l.IDs))}
	for _, id := range l.IDs {
		h.Starts[id+1]++
	}
	for i := range n {
		h.Starts[i+1] += h.Starts[i]
	}
	next := slices.Clone(h.Starts[:n])
	for u := range l.Units() {
		for _, id := range l.Unit(u) {
			h.IDs[next[id]] = int32(u)
			next[id]++
		}
	}
	return h
}
