// Package coderhnsw provides github.com/coder/hnsw v0.6.1, the index package that the study names, as an engine. The package
// is used as released.
package coderhnsw

import (
	"context"
	"image/color"
	"math/rand"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"

	"github.com/coder/hnsw"
)

// Version is the release of coder/hnsw that go.mod pins. Figures state it.
const Version = "v0.6.1"

// Engines returns coder/hnsw. Its answers are in the package's own order and have no distances.
func Engines() []engine.Engine {
	return []engine.Engine{{
		Key: "coderhnsw", Name: "coder/hnsw", Family: "coder/hnsw", Color: color.RGBA{0xcc, 0x79, 0xa7, 255},
		Policy:     engine.IgnoresEfSearch,
		Documented: "ignores efSearch: keeps k results, so that a larger k explores more; short where it gives up before",
		Effort:     "Graph.EfSearch (without effect)",
		Metrics:    ann.Metrics,
		Version:    func() string { return Version },
		Open:       open,
	}}
}

// graph implements engine.Adapter with a graph of coder/hnsw.
//
// Observed with 100 queries on 10,000 ResNet-50 embeddings (2048 dimensions, M 32, efConstruction 200): 34–36 % of the
// stored points find themselves with k = 1. The overlap with the exact neighbours is .29–.30 at k = 10, .45 at 100 and
// .64–.67 at 500, and up to k = 50 it is the same at efSearch 25 and 100. A search ends when a hop does not improve the best
// point found; it continues for longer with a larger k, but not with a larger efSearch. No answer was shorter than k.
//
// Two builds from one seed differ, because Graph.Rng determines the levels only. A point that loses a link receives a new
// one (layerNode.replenish) from Go maps in their order of iteration, which is random and which no field of Graph controls.
// The entry point is chosen from the top layer in the same way; since that layer is small and densely linked, one graph gave
// the same answer to 400 of 400 repeated queries. Records of this engine are therefore reproducible in the mean, not to the
// byte.
type graph struct {
	*hnsw.Graph[int]
	bytes int64
}

// open adds the rows of base one by one, in order, with their row numbers as keys. M is the maximum number of links of a
// point on any layer, level 0 included; efConstruction is Graph.EfSearch while points are added. The level factor is the
// package's default: each layer holds a quarter of the points of the layer below.
func open(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
	g := hnsw.NewGraph[int]()
	g.M, g.EfSearch, g.Distance = o.M, o.EfConstruction, o.Metric.Distance // L2 is twice as fast as hnsw.EuclideanDistance
	g.Rng = rand.New(rand.NewSource(int64(o.Seed)))
	growth, err := engine.HeapGrowth(func() error {
		for i := range base.N {
			if err := ctx.Err(); err != nil {
				return err
			}
			g.Add(hnsw.MakeNode(i, base.Row(i)))
		}
		return nil
	})
	return &graph{g, growth + 4*int64(len(base.Data))}, err // its nodes reference the rows of base
}

func (g *graph) SetEfSearch(ef int) error {
	g.EfSearch = ef
	return nil
}

func (g *graph) Ask(_ context.Context, query []float32, k int) (engine.Answer, error) {
	found := g.Search(query, k)
	ids := make([]int32, len(found))
	for i, node := range found {
		ids[i] = int32(node.Key)
	}
	return engine.Answer{IDs: ids}, nil
}

func (g *graph) Size() engine.Size { return engine.Size{Memory: g.bytes} }

func (g *graph) Close() error { return nil }
