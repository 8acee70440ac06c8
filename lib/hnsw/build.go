package hnsw

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"anncapacity/lib/internal/parallel"
)

// Build builds a graph on the points of the space, inserted in the order that Options.Insertion specifies. It uses all
// cores. The graph depends on the space and the options alone, not on the number of cores. Build returns ctx.Err() if ctx
// is cancelled, which it checks before each batch.
//
// Points are inserted in batches. The points of a batch search the graph as it was before the batch, which is not
// modified meanwhile, and are compared directly with the earlier points of their batch. Then their links are written, and
// after them the links back to them, in the order of insertion.
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
	if v, ok := space.(*vectorSpace); ok {
		if space, err = v.forConstruction(ctx, o); err != nil {
			return nil, err
		}
		if s, ok := space.(temporary); ok {
			defer s.free()
		}
	}
	report := o.Progress
	o.Progress = nil
	rng := rand.New(rand.NewPCG(o.Seed, 0))
	plan := o.Insertion.plan(rng, space, o.M)
	g, order := newGraph(o, plan.level), plan.order
	g.entryPoint = order[0]
	b := newBuilder(space, g, plan)
	for inserted := 1; inserted < len(order); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		batch := nextBatch(order, inserted, g)
		b.insert(batch)
		if inserted += len(batch); report != nil {
			report(float64(inserted) / float64(len(order)))
		}
	}
	return g, ctx.Err()
}

// temporary is a space that Build has made and frees when the graph is complete.
type temporary interface{ free() }

// drawLevels draws the highest level of each node. Level l or more has probability M^−l. This is ⌊−ln(u)·mL⌋ with
// mL = 1/ln M (Algorithm 1, line 4), computed without a logarithm.
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

// The size of a batch is at most batchShare times the number of nodes in the graph, so that a search covers almost all
// earlier points, and at most maxBatch, because every two points of a batch are compared.
const (
	batchShare = 1. / 16
	maxBatch   = 256
)

// nextBatch returns the points that are inserted together. Under the rules of FAISS they have the same level. Under those
// of hnswlib, none has a higher level than the entry point, unless the batch is that one point.
func nextBatch(order []int32, inserted int, g *Graph) []int32 {
	size := min(batchSize(order, inserted, g), len(order)-inserted)
	batch := order[inserted : inserted+size]
	levelsFirst, top := g.options.Insertion.levelsFirst(), g.level[g.entryPoint]
	for i, id := range batch {
		if levelsFirst && g.level[id] != g.level[batch[0]] || g.level[id] > top {
			return batch[:max(1, i)]
		}
	}
	return batch
}

// batchSize returns the maximum number of points that may be inserted together.
func batchSize(order []int32, inserted int, g *Graph) int {
	if !g.options.Insertion.snapshots() {
		return min(max(1, int(float64(inserted)*batchShare)), maxBatch)
	}
	level := g.level[order[inserted]]
	first, _ := slices.BinarySearchFunc(order, level, func(id int32, level uint8) int { return int(level) - int(g.level[id]) })
	return min(max(1, inserted-first), max(1, len(order)/50))
}

// builder holds a graph under construction.
type builder struct {
	g       *Graph
	workers []*inserter
	back    backlinks
}

func newBuilder(space Space, g *Graph, p plan) *builder {
	b := &builder{g: g, back: newBacklinks(g.Len())}
	var position []int32
	if g.options.Insertion != AsFAISS {
		position = p.positions()
	}
	diverse := make([]uint16, g.Len())
	for range parallel.Limit(maxBatch) {
		w := &inserter{space: space, explorer: explorer{g: g, seen: newStamps(g.Len())}, position: position, diverse: diverse}
		b.workers = append(b.workers, w)
	}
	return b
}

// insert links a batch of points.
func (b *builder) insert(batch []int32) {
	snapshots := b.g.options.Insertion.snapshots()
	b.each(len(batch), func(w *inserter, i int) {
		if snapshots {
			w.linkAsFAISS(batch[i])
			return
		}
		w.link(batch[i], batch[:i])
	})
	for level := b.g.Level(b.g.entryPoint); level >= 0; level-- {
		b.back.collect(b.g, batch, level)
		b.each(len(b.back.targets), func(w *inserter, i int) {
			target := b.back.targets[i]
			if snapshots {
				w.incoming = slices.AppendSeq(w.incoming[:0], b.back.to(target))
				w.linkBackTogether(target, w.incoming, level)
				return
			}
			for from := range b.back.to(target) {
				w.linkBack(target, from, level)
			}
		})
	}
	if b.g.level[batch[0]] > b.g.level[b.g.entryPoint] {
		b.g.entryPoint = batch[0]
	}
}

// each calls do for i = 0 … n−1 in parallel, with one inserter per worker.
func (b *builder) each(n int, do func(w *inserter, i int)) {
	parallel.Workers(n, len(b.workers), func(worker, i int) { do(b.workers[worker], i) })
}
