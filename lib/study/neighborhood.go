package study

import (
	"math"
	"slices"
	"sort"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

// near is one member of a neighbourhood. Its root and logarithm are taken when a k first asks for them.
type near struct {
	id      int32
	squared float32 // squared L2 distance to the query
	r       float64 // its root; negative until it is taken
	ln      float64 // ln r; −Inf for an exact duplicate of the query
}

func newNear(id int32, squared float32) near { return near{id: id, squared: squared, r: -1} }

func (m *near) take() {
	m.r = math.Sqrt(float64(m.squared))
	m.ln = math.Log(m.r)
}

// before says whether a member sorts before a packed one.
func (a near) before(key uint64) bool {
	return uint64(math.Float32bits(a.squared))<<32|uint64(uint32(a.id)) < key
}

// neighborhood is the nearest of what a walk has visited so far, ascending, as many as the largest k at most: the
// policy Pad's answer to every k at the efSearch reached. It only ever gains members with efSearch.
type neighborhood struct {
	most     int
	self     int32
	list     []near
	read     int // how much of the walk is in it
	capacity int // nodes other than the query visited so far
	fresh    []uint64
	merged   []near
}

func (n *neighborhood) reset(self int32, most int) {
	n.self, n.most = self, most
	n.list, n.read, n.capacity = n.list[:0], 0, 0
}

// advance takes in what the walk visits up to efSearch, and returns how many members at the front stay as they were.
func (n *neighborhood) advance(walk *hnsw.Walk, efSearch int) (same int) {
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
		n.fresh = append(n.fresh, uint64(math.Float32bits(squared))<<32|uint64(uint32(id))) // sorts by distance, then ID
	}
	return n.merge()
}

// merge sorts the fresh members into the list.
func (n *neighborhood) merge() (same int) {
	if len(n.fresh) == 0 {
		return len(n.list)
	}
	slices.Sort(n.fresh)
	same = sort.Search(len(n.list), func(i int) bool { return !n.list[i].before(n.fresh[0]) })
	out := append(n.merged[:0], n.list[:same]...)
	for i, j := same, 0; len(out) < n.most && (i < len(n.list) || j < len(n.fresh)); {
		if j == len(n.fresh) || i < len(n.list) && n.list[i].before(n.fresh[j]) {
			out = append(out, n.list[i])
			i++
		} else {
			out = append(out, newNear(int32(uint32(n.fresh[j])), math.Float32frombits(uint32(n.fresh[j]>>32))))
			j++
		}
	}
	n.list, n.merged = out, n.list
	return same
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
