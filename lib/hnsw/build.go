package hnsw

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Build inserts every point of the space, highest level first and in random order within a level, on one core.
// The same options on the same space give the same graph. Cancelling ctx stops it between two points.
func Build(ctx context.Context, space Space, options Options) (*Graph, error) {
	o, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	if space.Len() < 1 {
		return nil, fmt.Errorf("hnsw: there are no points to index")
	}
	rng := rand.New(rand.NewPCG(o.Seed, 0))
	b := newBuilder(space, newGraph(o, drawLevels(rng, space.Len(), o.M)))
	for _, id := range insertionOrder(rng, b.g.level) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b.insert(id)
	}
	return b.g, nil
}

// drawLevels draws each node's highest level: level l or more has probability M^−l, which is ⌊−ln(u)·mL⌋ with
// mL = 1/ln M (Algorithm 1, line 4) without a logarithm.
func drawLevels(rng *rand.Rand, n, m int) []uint8 {
	levels := make([]uint8, n)
	for i := range levels {
		u := rng.Float64()
		for p := 1 / float64(m); u < p && levels[i] < 255; p /= float64(m) {
			levels[i]++
		}
	}
	return levels
}

// insertionOrder is a random order, sorted by level from the highest down.
func insertionOrder(rng *rand.Rand, level []uint8) []int32 {
	order := make([]int32, len(level))
	for i, j := range rng.Perm(len(level)) {
		order[i] = int32(j)
	}
	slices.SortStableFunc(order, func(a, b int32) int { return int(level[b]) - int(level[a]) })
	return order
}

// builder holds a graph in construction and the scratch of one insertion.
type builder struct {
	space Space
	g     *Graph
	seen  stamps

	frontier minHeap // C in Algorithm 2: seen, not expanded
	nearest  maxHeap // W in Algorithm 2: the efConstruction nearest seen
	measure  gather
	sorted   []uint64 // candidates, nearest first
	kept     []int32
}

func newBuilder(space Space, g *Graph) *builder {
	return &builder{space: space, g: g, seen: newStamps(g.Len())}
}

// insert is Algorithm 1. As in FAISS, the search of every level begins where the greedy descent ended. Nodes come
// highest level first, so the first node stays the entry point.
func (b *builder) insert(id int32) {
	if b.g.entryPoint == noLink {
		b.g.entryPoint = id
		return
	}
	from := b.space.from(id)
	start := descend(b.g, &b.measure, from, b.g.Level(id))
	for level := b.g.Level(id); level >= 0; level-- {
		b.search(from, start, level)
		b.connect(id, level)
	}
}

// search leaves in b.sorted the efConstruction nearest found on a level, nearest first (Algorithm 2).
func (b *builder) search(from source, start uint64, level int) {
	b.seen.next()
	b.frontier = b.frontier[:0]
	b.nearest.reset()
	b.seen.add(keyID(start))
	b.frontier.push(start)
	b.nearest.push(start)
	ef := b.g.options.EfConstruction
	for len(b.frontier) > 0 {
		current := b.frontier.pop()
		if keySquared(current) > keySquared(b.nearest.top()) {
			break
		}
		for _, next := range b.measure.unseen(b.g.slots(keyID(current), level), from, &b.seen) {
			if b.nearest.len() < ef || keySquared(next) < keySquared(b.nearest.top()) {
				b.frontier.push(next)
				b.nearest.push(next)
				if b.nearest.len() > ef {
					b.nearest.pop()
				}
			}
		}
	}
	b.sorted = b.sorted[:0]
	for b.nearest.len() > 0 {
		b.sorted = append(b.sorted, b.nearest.pop())
	}
	slices.Reverse(b.sorted)
}

// connect links id to a selection of b.sorted on a level, and every one of them back.
func (b *builder) connect(id int32, level int) {
	slots := b.g.slots(id, level)
	kept := slots[:copy(slots, b.choose(len(slots)))]
	for _, other := range kept {
		b.linkBack(other, id, level)
	}
}

// linkBack appends a link while there is room, and re-selects among the old links and the new one when there is
// none.
func (b *builder) linkBack(from, to int32, level int) {
	slots := b.g.slots(from, level)
	if i := slices.Index(slots, noLink); i >= 0 {
		slots[i] = to
		return
	}
	b.measure.ids = append(append(b.measure.ids[:0], slots...), to)
	b.sorted = append(b.sorted[:0], b.measure.measure(b.space.from(from))...)
	slices.Sort(b.sorted)
	n := copy(slots, b.selectHeuristic(len(slots)))
	for i := n; i < len(slots); i++ {
		slots[i] = noLink
	}
}

// choose is the selection that a new node's candidates go through.
func (b *builder) choose(room int) []int32 {
	if b.g.options.Selection == SelectWhenFull && len(b.sorted) < room {
		b.kept = b.kept[:0]
		for _, c := range b.sorted {
			b.kept = append(b.kept, keyID(c))
		}
		return b.kept
	}
	return b.selectHeuristic(room)
}

// selectHeuristic is Algorithm 4 without its two extensions: nearest first, a candidate of b.sorted is kept when
// no kept one is nearer to it than the node that the links are for; at most room are kept.
func (b *builder) selectHeuristic(room int) []int32 {
	b.kept = b.kept[:0]
	for _, c := range b.sorted {
		if !b.space.anyNearer(keyID(c), b.kept, keySquared(c)) {
			b.kept = append(b.kept, keyID(c))
			if len(b.kept) == room {
				break
			}
		}
	}
	return b.kept
}
