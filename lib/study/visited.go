package study

import (
	"math"
	"slices"
	"sort"

	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
)

// Visited is the nearest of what a walk has visited so far, ascending, as many as the largest k at most: the policy
// Pad's answer to every k at the efSearch reached. It only ever gains members with efSearch.
type Visited struct {
	List     []fidelity.Member
	Capacity int // nodes other than the query visited so far

	most   int
	self   int32
	read   int // how much of the walk is in it
	fresh  []uint64
	merged []fidelity.Member
}

// Reset empties it for a walk from point self, of which it keeps the nearest most.
func (v *Visited) Reset(self int32, most int) {
	v.self, v.most = self, most
	v.List, v.read, v.Capacity = v.List[:0], 0, 0
}

// Advance takes in what the walk visits up to efSearch, and returns how many members at the front stay as they were.
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

// merge sorts the fresh members into the list.
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

// before says whether a member sorts before a packed one.
func before(m *fidelity.Member, key uint64) bool {
	return uint64(math.Float32bits(m.Squared))<<32|uint64(uint32(m.ID)) < key
}
