package hnsw

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mathext/prng"

	"anncapacity/lib/internal/rank"
)

// Insertion says how nodes enter the graph: as in FAISS, or as in hnswlib and in which order.
type Insertion uint8

const (
	// AsFAISS inserts the highest level first, in random order within a level. A new node is linked to as many selected nodes
	// as there is room for, which is 2M on level 0, and the search of every level begins where the greedy descent ended.
	AsFAISS Insertion = iota
	// AsFAISS115 is AsFAISS as FAISS 1.15 does with the rows of a file: levels and order come from the seeds that are fixed in FAISS,
	// whatever Options.Seed is. Nodes of a level are inserted by batches of 1, 1, 2, 4, … up to 2 % of all nodes, and
	// those of a batch do not see one another. The links back to a node are added together; where there is not room for all, the
	// selection fills four fifths of it (FAISS's prune_headroom of 0.2).
	AsFAISS115
	// AsFAISS115Shuffled is AsFAISS115 with the rows in random order.
	AsFAISS115Shuffled
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
		return "as FAISS before 1.15"
	case AsFAISS115:
		return "as FAISS 1.15, rows in the order of IDs"
	case AsFAISS115Shuffled:
		return "as FAISS 1.15, rows in random order"
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
func (i Insertion) levelsFirst() bool { return i == AsFAISS || i.snapshots() }

// snapshots says whether the nodes of a batch do not see one another.
func (i Insertion) snapshots() bool { return i == AsFAISS115 || i == AsFAISS115Shuffled }

// plan is each node's highest level, the IDs in the order in which the engine is given the rows, and in that in which it inserts them.
type plan struct {
	level       []uint8
	rows, order []int32
}

func (i Insertion) plan(rng *rand.Rand, space Space, m int) (p plan) {
	n := space.Len()
	p.rows = make([]int32, n)
	for r := range p.rows {
		p.rows[r] = int32(r)
	}
	if !i.snapshots() {
		p.level = drawLevels(rng, n, m)
	}
	switch i {
	case AsFAISS, AsFAISS115Shuffled, AsHNSWLibShuffled:
		permute(rng, p.rows)
	case AsHNSWLibSorted:
		sortFrom(space, int32(rng.IntN(n)), p.rows)
	}
	p.order = slices.Clone(p.rows)
	if i.snapshots() {
		p.level = faissLevels(p.rows, m)
	}
	if i.levelsFirst() {
		slices.SortStableFunc(p.order, func(a, b int32) int { return int(p.level[b]) - int(p.level[a]) })
	}
	if i.snapshots() {
		faissShuffle(p.order, p.level)
	}
	return p
}

// permute fills a slice with a random permutation of 0 … len−1.
func permute(rng *rand.Rand, order []int32) {
	for p, id := range rng.Perm(len(order)) {
		order[p] = int32(id)
	}
}

// The seeds in FAISS of the levels and of the order within a level.
const faissLevelSeed, faissOrderSeed = 12345, 789

// faissLevels is the level, by ID, that FAISS draws for rows that are added in the given order.
func faissLevels(rows []int32, m int) []uint8 {
	draw := prng.NewMT19937()
	draw.Seed(faissLevelSeed)
	level := make([]uint8, len(rows))
	for _, row := range rows {
		u := float64(float32(draw.Uint32()) / (1 << 32))
		for p := 1 - 1/float64(m); u >= p && level[row] < 255 && p > 1e-9; p /= float64(m) { // level l has probability (1 − 1/M)·M^−l
			u -= p
			level[row]++
		}
	}
	return level
}

// faissShuffle puts the nodes of each level, which are in the order of rows, into the order in which FAISS inserts them.
func faissShuffle(order []int32, level []uint8) {
	draw := prng.NewMT19937()
	draw.Seed(faissOrderSeed)
	for from := 0; from < len(order); {
		to := from
		for to < len(order) && level[order[to]] == level[order[from]] {
			to++
		}
		for j := from; j < to; j++ {
			other := j + int(draw.Uint32()%uint32(to-j))
			order[j], order[other] = order[other], order[j]
		}
		from = to
	}
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
