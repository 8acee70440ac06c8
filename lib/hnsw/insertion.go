package hnsw

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mathext/prng"

	"anncapacity/lib/internal/rank"
)

// Insertion selects the engine whose rules of insertion Build follows, and the order in which nodes are inserted.
type Insertion uint8

const (
	// AsFAISS inserts the nodes of the highest level first, in random order within a level. The number of links of a new
	// node is limited by the number of slots alone, which is 2M on level 0. The search of every level begins at the node
	// where the greedy descent ended.
	AsFAISS Insertion = iota
	// AsFAISS115 follows FAISS 1.15, which receives the rows in the order of IDs. It differs from AsFAISS in three points.
	// Levels and order are drawn with the seeds that are fixed in FAISS; Options.Seed has no effect. The nodes of a level
	// are inserted in batches of 1, 1, 2, 4, … up to 2 % of all nodes, and the nodes of a batch do not see one another.
	// The links back to a node are added together; if there is not enough room for all, the selection fills four fifths of
	// the slots (FAISS's prune_headroom of 0.2).
	AsFAISS115
	// AsFAISS115Shuffled is AsFAISS115 with the rows in random order.
	AsFAISS115Shuffled
	// AsHNSWLib inserts nodes in the order of IDs, as hnswlib does with the rows of a file. A new node is linked to at most
	// M selected nodes on every level (although level 0 has 2M slots). Of equally distant candidates, the last inserted is
	// preferred. The search of a level begins at the nearest node found on the level above. A node on a higher level than
	// all earlier ones becomes the entry point.
	AsHNSWLib
	// AsHNSWLibShuffled is AsHNSWLib in random order.
	AsHNSWLibShuffled
	// AsHNSWLibSorted is AsHNSWLib in the order of the distance from a random point, ties by ID. Equal points are inserted
	// one after another.
	AsHNSWLibSorted
)

// String returns a description for reports.
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

// levelsFirst reports whether nodes are inserted by level, the highest first, so that the first node remains the entry
// point.
func (i Insertion) levelsFirst() bool { return i == AsFAISS || i.snapshots() }

// snapshots reports whether all nodes of a batch see the graph as it was before the batch, and not one another.
func (i Insertion) snapshots() bool { return i == AsFAISS115 || i == AsFAISS115Shuffled }

// plan holds the levels of the nodes and the order of insertion.
type plan struct {
	level []uint8 // highest level of each node
	rows  []int32 // IDs in the order in which the engine receives the rows
	order []int32 // IDs in the order in which the engine inserts them; the memory of rows if that is the same
}

// positions returns, by ID, the place among the rows. The result shares the memory of rows if they are in the order of IDs.
func (p plan) positions() []int32 {
	if slices.IsSorted(p.rows) {
		return p.rows
	}
	position := make([]int32, len(p.rows))
	for at, id := range p.rows {
		position[id] = int32(at)
	}
	return position
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
		rng.Shuffle(n, func(a, b int) { p.rows[a], p.rows[b] = p.rows[b], p.rows[a] })
	case AsHNSWLibSorted:
		sortFrom(space, int32(rng.IntN(n)), p.rows)
	}
	if i.snapshots() {
		p.level = faissLevels(p.rows, m)
	}
	p.order = p.rows
	if i.levelsFirst() {
		p.order = slices.Clone(p.rows)
		slices.SortStableFunc(p.order, func(a, b int32) int { return int(p.level[b]) - int(p.level[a]) })
	}
	if i.snapshots() {
		faissShuffle(p.order, p.level)
	}
	return p
}

// faissLevelSeed and faissOrderSeed are FAISS's seeds for the levels and for the order within a level.
const faissLevelSeed, faissOrderSeed = 12345, 789

// faissLevels returns, by ID, the levels that FAISS draws for rows that are added in the given order.
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

// faissShuffle permutes the nodes of each level from the order of rows to the order in which FAISS inserts them.
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

// sortFrom sorts IDs by their distance from a point, ties by ID.
func sortFrom(space Space, point int32, ids []int32) {
	values := make([]float32, len(ids))
	space.from(point, nil).values(ids, values)
	keys := make([]uint64, len(ids))
	for i, id := range ids {
		keys[i] = rank.Key(values[i], id)
	}
	slices.Sort(keys)
	for i, key := range keys {
		ids[i] = rank.ID(key)
	}
}
