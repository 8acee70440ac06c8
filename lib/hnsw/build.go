package hnsw

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"anncapacity/lib/internal/parallel"
)

// Build inserts every point of the space, highest level first and in random order within a level, on every core. The
// same options on the same space give the same graph, however many cores there are. Cancelling ctx stops it between two
// batches.
//
// Points go in by batches. Those of a batch search the graph as it was before the batch, which nothing changes
// meanwhile, and compare themselves with the earlier ones of their batch directly; then their links are written, and the
// links back to them in the order of insertion.
func Build(ctx context.Context, space Space, options Options) (*Graph, error) {
	o, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	if space.Len() < 1 {
		return nil, fmt.Errorf("hnsw: there are no points to index")
	}
	if err := space.check(); err != nil {
		return nil, err
	}
	if v, ok := space.(vectorSpace); ok {
		if space, err = v.forConstruction(ctx); err != nil {
			return nil, err
		}
	}
	rng := rand.New(rand.NewPCG(o.Seed, 0))
	g := newGraph(o, drawLevels(rng, space.Len(), o.M))
	order := insertionOrder(rng, g.level)
	g.entryPoint = order[0]
	b := newBuilder(space, g)
	for inserted := 1; inserted < len(order); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		batch := nextBatch(order, inserted, g)
		b.insert(batch)
		inserted += len(batch)
	}
	return g, ctx.Err()
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

// A batch is at most batchShare of what is in the graph already, so that it never searches much less than there is, and at
// most maxBatch, because every point of it is compared with every other.
const (
	batchShare = 1. / 16
	maxBatch   = 256
)

// nextBatch is the points of one level that are inserted together.
func nextBatch(order []int32, inserted int, g *Graph) []int32 {
	size := min(max(1, int(float64(inserted)*batchShare)), maxBatch, len(order)-inserted)
	batch := order[inserted : inserted+size]
	for i, id := range batch {
		if g.level[id] != g.level[batch[0]] {
			return batch[:i]
		}
	}
	return batch
}

// builder holds a graph in construction.
type builder struct {
	g       *Graph
	workers []*inserter
	back    backlinks
}

func newBuilder(space Space, g *Graph) *builder {
	b := &builder{g: g, back: newBacklinks(g.Len())}
	for range parallel.Limit(maxBatch) {
		b.workers = append(b.workers, &inserter{space: space, g: g, seen: newStamps(g.Len())})
	}
	return b
}

// insert links a batch of points, which are all on the same levels.
func (b *builder) insert(batch []int32) {
	b.each(len(batch), func(w *inserter, i int) { w.link(batch[i], batch[:i]) })
	for level := b.g.Level(batch[0]); level >= 0; level-- {
		b.back.collect(b.g, batch, level)
		b.each(len(b.back.targets), func(w *inserter, i int) {
			target := b.back.targets[i]
			for from := range b.back.to(target) {
				w.linkBack(target, from, level)
			}
		})
	}
}

func (b *builder) each(n int, do func(w *inserter, i int)) {
	parallel.Workers(n, len(b.workers), func(worker, i int) { do(b.workers[worker], i) })
}
