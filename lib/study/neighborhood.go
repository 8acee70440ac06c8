package study

import (
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

// near is one member of a neighbourhood. The root and its logarithm are taken once, when a walk reaches the node.
type near struct {
	id      int32
	squared float32 // squared L2 distance to the query
	r       float64 // its root
	ln      float64 // ln r; −Inf for an exact duplicate of the query
}

func newNear(id int32, squared float32) near {
	r := math.Sqrt(float64(squared))
	return near{id, squared, r, math.Log(r)}
}

func (a near) before(b near) bool {
	return a.squared < b.squared || a.squared == b.squared && a.id < b.id
}

// neighborhood is the nearest of what a walk has visited so far, ascending, as many as the largest k at most: the
// policy Pad's answer to every k at the efSearch reached. It only ever grows with efSearch.
type neighborhood struct {
	most     int
	self     int32
	list     []near
	read     int // how much of the walk is in it
	capacity int // nodes other than the query visited so far
	fresh    []near
	merged   []near
}

func (n *neighborhood) reset(self int32, most int) {
	n.self, n.most = self, most
	n.list, n.read, n.capacity = n.list[:0], 0, 0
}

// advance takes in what the walk visits up to efSearch.
func (n *neighborhood) advance(walk *hnsw.Walk, efSearch int) {
	n.fresh = n.fresh[:0]
	for end := walk.Visited(efSearch); n.read < end; n.read++ {
		id, squared := walk.At(n.read)
		if id == n.self {
			continue
		}
		n.capacity++
		if len(n.list) == n.most && squared > n.list[n.most-1].squared {
			continue
		}
		n.fresh = append(n.fresh, newNear(id, squared))
	}
	n.merge()
}

// merge sorts the fresh members into the list.
func (n *neighborhood) merge() {
	if len(n.fresh) == 0 {
		return
	}
	slices.SortFunc(n.fresh, func(a, b near) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	out, i, j := n.merged[:0], 0, 0
	for len(out) < n.most && (i < len(n.list) || j < len(n.fresh)) {
		if j == len(n.fresh) || i < len(n.list) && n.list[i].before(n.fresh[j]) {
			out = append(out, n.list[i])
			i++
		} else {
			out = append(out, n.fresh[j])
			j++
		}
	}
	n.list, n.merged = out, n.list
}

// first is the first k, or all that there are.
func (n *neighborhood) first(k int) []near { return n.list[:min(k, len(n.list))] }

// membersOf turns any engine's answer into a neighbourhood's list.
func membersOf(list ann.Neighbors, dst []near) []near {
	for _, x := range list {
		dst = append(dst, newNear(x.ID, x.Distance*x.Distance))
	}
	return dst
}
