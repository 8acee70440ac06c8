package coderhnsw

import (
	"context"
	"errors"
	"fmt"
	"math/rand"

	"anncapacity/lib/ann"

	"github.com/coder/hnsw"
)

// Options are what the package lets its user choose. Its level factor stays at its own default: each layer holds a
// quarter of the points of the layer below.
type Options struct {
	M              int    // most links of a point on any layer, level 0 included. Zero means 32. Range 2–100.
	EfConstruction int    // Graph.EfSearch while points are added. Zero means 200. Range 1–10000.
	EfSearch       int    // Graph.EfSearch while searching. Zero means 50. Range 1–10000.
	Seed           uint64 // of the level draw. It does not make a build reproducible: see Index.
	Metric         ann.Metric
}

func (o Options) withDefaults() (Options, error) {
	for _, p := range []struct {
		name               string
		value              *int
		standard, min, max int
	}{
		{"M", &o.M, 32, 2, 100},
		{"EfConstruction", &o.EfConstruction, 200, 1, 10000},
		{"EfSearch", &o.EfSearch, 50, 1, 10000},
	} {
		if *p.value == 0 {
			*p.value = p.standard
		}
		if *p.value < p.min || *p.value > p.max {
			return o, fmt.Errorf("coder/hnsw: %s = %d: must be between %d and %d", p.name, *p.value, p.min, p.max)
		}
	}
	return o, nil
}

// Index is a built graph of coder/hnsw with the efSearch that its searches use. Any number of goroutines may search. See
// graph for what it does.
type Index struct {
	base   ann.Vectors
	metric ann.Metric
	graph  hnsw.Graph[int] // the head is this Index's own; the layers are shared and never change after New
}

// New adds the rows of base one by one, in their order, under their row numbers.
func New(ctx context.Context, base ann.Vectors, o Options) (*Index, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if base.N < 1 {
		return nil, errors.New("coder/hnsw: no vectors to index")
	}
	graph := hnsw.NewGraph[int]()
	graph.M, graph.EfSearch, graph.Distance = o.M, o.EfConstruction, o.Metric.Distance // L2 is twice as fast as hnsw.EuclideanDistance
	graph.Rng = rand.New(rand.NewSource(int64(o.Seed)))
	for i := range base.N {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		graph.Add(hnsw.MakeNode(i, base.Row(i)))
	}
	index := Index{base: base, metric: o.Metric, graph: *graph}
	return index.WithEfSearch(o.EfSearch)
}

// WithEfSearch is the same graph searched with another efSearch; zero means 50.
func (x *Index) WithEfSearch(efSearch int) (*Index, error) {
	o, err := Options{EfSearch: efSearch}.withDefaults()
	if err != nil {
		return nil, err
	}
	other := *x
	other.graph.EfSearch = o.EfSearch
	return &other, nil
}

// Search asks the package for k points, or for k+1 when the query is itself an indexed point, and returns the k
// nearest of what came back: fewer when the package found fewer. (Its search never returns a point twice.)
func (x *Index) Search(query ann.Query, k int) (ann.Neighbors, error) {
	if err := ann.CheckQuery(query, k, x.base.N, x.base.D); err != nil {
		return nil, err
	}
	ask := k
	self, isPoint := query.Self()
	if isPoint {
		ask++
	}
	found := x.graph.Search(query.Vector, ask)
	answer := make(ann.Neighbors, 0, len(found))
	for _, node := range found {
		if id := int32(node.Key); !isPoint || id != self {
			answer = append(answer, ann.Neighbor{ID: id, Distance: x.metric.Distance(query.Vector, node.Value)})
		}
	}
	answer.Sort()
	return answer[:min(k, len(answer))], nil
}
