package study

import (
	"math"
	"slices"
	"sort"

	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
)

// Visited holds the nearest nodes that a walk has visited up to some efSearch, in ascending order of distance, at most as
// many as the largest k. Its first k members are the answer of the policy Pad for k at that efSearch.
type Visited struct {
	List     []fidelity.Member
	Capacity int // nodes other than the query visited so far

	most   int
	self   int32
	read   int // number of nodes of the walk that have been added
	fresh  []uint64
	merged []fidelity.Member
}

// Reset empties v for a walk from the point self. v will hold at most the given number of nodes.
func (v *Visited) Reset(self int32, most int) {
	v.self, v.most = self, most
	v.List, v.read, v.Capacity = v.List[:0], 0, 0
}

// Advance adds the nodes that the walk visits up to efSearch. It returns the number of members at the front of List that
// have not changed.
func (v *Visited) Advance(walk *hnsw.Walk, efSearch int) (same int) {
	v.fresh = v.fresh[:0]
	for end := walk.Visited(efSearch); v.read < end; v.read++ {
		id, squared := walk.At(v.read)
		if id == v.self {
			continue
		}
		v.Capacity++
		if len(v.List) == v.most && squared > v.List[v.most-1].Squared {
			continue
		}
		v.fresh = append(v.fresh, uint64(math.Float32bits(squared))<<32|uint64(uint32(id))) // sorts by distance, then ID
	}
	return v.merge()
}

// merge merges the new members into the list and returns the number of unchanged members at the front.
func (v *Visited) merge() (same int) {
	if len(v.fresh) == 0 {
		return len(v.List)
	}
	slices.Sort(v.fresh)
	same = sort.Search(len(v.List), func(i int) bool { return !before(&v.List[i], v.fresh[0]) })
	out := append(v.merged[:0], v.List[:same]...)
	for i, j := same, 0; len(out) < v.most && (i < len(v.List) || j < len(v.fresh)); {
		if j == len(v.fresh) || i < len(v.List) && before(&v.List[i], v.fresh[j]) {
			out = append(out, v.List[i])
			i++
		} else {
			out = append(out, fidelity.NewMember(int32(uint32(v.fresh[j])), math.Float32frombits(uint32(v.fresh[j]>>32))))
			j++
		}
	}
	v.List, v.merged = out, v.List
	return same
}

// before reports whether a member sorts before a key.
func before(m *fidelity.Member, key uint64) bool {
	return uint64(math.Float32bits(m.Squared))<<32|uint64(uint32(m.ID)) < key
}
