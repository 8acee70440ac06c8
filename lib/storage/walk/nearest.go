package walk

import (
	"math"

	"anncapacity/lib/ann"
)

// Nearest keeps the k nearest of the vectors that are added to it. A vector that is added twice, because two units hold a copy
// of it, is kept once. Distances are squared.
type Nearest struct {
	k    int
	list ann.Neighbors // ascending, at most k
}

// Reset empties the list and sets the number of neighbours to keep.
func (n *Nearest) Reset(k int) { n.k, n.list = k, n.list[:0] }

// Len returns the number of vectors in the list, at most k.
func (n *Nearest) Len() int { return len(n.list) }

// List returns the vectors in ascending order of squared distance, ties by ID. It is valid until the next Add or Reset.
func (n *Nearest) List() ann.Neighbors { return n.list }

// Bound returns the squared distance of the k-th nearest vector, or +Inf if there are fewer.
func (n *Nearest) Bound() float32 {
	if len(n.list) < n.k {
		return float32(math.Inf(1))
	}
	return n.list[n.k-1].Distance
}

// Add adds a vector and reports whether the list has changed.
func (n *Nearest) Add(id int32, squared float32) bool {
	x := ann.Neighbor{ID: id, Distance: squared}
	if len(n.list) == n.k && x.Compare(n.list[n.k-1]) >= 0 {
		return false
	}
	at := len(n.list)
	for at > 0 && x.Compare(n.list[at-1]) < 0 {
		at--
	}
	if at > 0 && n.list[at-1] == x {
		return false
	}
	if len(n.list) < n.k {
		n.list = append(n.list, ann.Neighbor{})
	}
	copy(n.list[at+1:], n.list[at:])
	n.list[at] = x
	return true
}
