package hnsw

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"anncapacity/lib/internal/rank"
)

// Insertion says how nodes enter the graph: as in FAISS, or as in hnswlib and in which order.
type Insertion uint8

const (
	// AsFAISS inserts the highest level first, in random order within a level. A new node is linked to as many selected nodes
	// as there is room for, which is 2M on level 0, and the search of every level begins where the greedy descent ended.
	AsFAISS Insertion = iota
	// AsFAISS115 is AsFAISS as FAISS 1.15 does. Nodes of a level are inserted by batches of 1, 1, 2, 4, … up to 2 % of all nodes, and
	// those of a batch do not see one another. The links back to a node are added together; where there is not room for all, the
	// selection fills four fifths of it (FAISS's prune_headroom of 0.2).
	AsFAISS115
	// AsHNSWLib inserts in the order of IDs, as hnswlib does with the rows of a file. A new node is linked to M selected nodes
	// on every level (the room on level 0 is 2M all the same), of nodes equally far to the latest, and the search of a level begins at the nearest of
	// these on the level above. A node on a higher level than all before becomes the entry point.
	AsHNSWLib
	// AsHNSWLibShuffled is AsHNSWLib in a random order.
	AsHNSWLibShuffled
	// AsHNSWLibSorted is AsHNSWLib in the order of the distance from a random point, ties by ID: near points come together, and
	// copies one after another.
	AsHNSWLibSorted
)

func (i Insertion) String() string {
	switch i {
	case AsFAISS:
		return "as FAISS"
	case AsFAISS115:
		return "as FAISS 1.15"
	case AsHNSWLib:
		return "as hnswlib, in the order of IDs"
	case AsHNSWLibShuffled:
		return "as hnswlib, in random order"
	case AsHNSWLibSorted:
		return "as hnswlib, sorted by distance from one point"
	}
	return fmt.Sprintf("Insertion(%d)", uint8(i))
}

// levelsFirst says whether the first node is the entry point for good.
func (i Insertion) levelsFirst() bool { return i == AsFAISS || i == AsFAISS115 }

// order is the IDs in the order in which they are inserted.
func (i Insertion) order(rng *rand.Rand, space Space, level []uint8) []int32 {
	order := make([]int32, space.Len())
	for p := range order {
		order[p] = int32(p)
	}
	switch i {
	case AsFAISS, AsFAISS115, AsHNSWLibShuffled:
		for p, id := range rng.Perm(len(order)) {
			order[p] = int32(id)
		}
	case AsHNSWLibSorted:
		sortFrom(space, int32(rng.IntN(len(order))), order)
	}
	if i.levelsFirst() {
		slices.SortStableFunc(order, func(a, b int32) int { return int(level[b]) - int(level[a]) })
	}
	return order
}

// sortFrom sorts IDs by their distance from a point.
func sortFrom(space Space, point int32, ids []int32) {
	values := make([]float32, len(ids))
	space.from(point).values(ids, values)
	keys := make([]uint64, len(ids))
	for i, id := range ids {
		keys[i] = rank.Key(values[i], id)
	}
	slices.Sort(keys)
	for i, key := range keys {
		ids[i] = rank.ID(key)
	}
}
