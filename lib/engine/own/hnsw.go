package own

import (
	"context"
	"sync"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/hnsw"
)

// hnswIndex searches a graph of lib/hnsw under one policy.
type hnswIndex struct {
	base     ann.Vectors
	metric   ann.Metric
	graph    *hnsw.Graph
	policy   hnsw.Policy
	searcher *hnsw.Searcher
	efSearch int

	attributes []int32
	walkers    sync.Pool // of *hnsw.Walker
	deleted    []bool    // by ID; nil if no node is
	mu         sync.Mutex
	marked     map[int32][]bool // nodes that a filter or a deletion excludes, for each bound of AskBelow
}

func openHNSW(ctx context.Context, base ann.Vectors, o engine.Options, p hnsw.Policy) (engine.Adapter, error) {
	space, err := hnsw.OnMetric(base, o.Metric)
	if err != nil {
		return nil, err
	}
	graph, err := hnsw.Build(ctx, space, hnsw.Options{M: o.M, EfConstruction: o.EfConstruction, Seed: o.Seed})
	return &hnswIndex{base: base, metric: o.Metric, graph: graph, policy: p, attributes: o.Attributes}, err
}

func (x *hnswIndex) SetEfSearch(ef int) error {
	s, err := hnsw.NewSearcher(x.graph, x.base, hnsw.SearchOptions{EfSearch: ef, Policy: x.policy, Metric: x.metric})
	if err != nil {
		return err
	}
	x.searcher, x.efSearch = s, ef
	return nil
}

func (x *hnswIndex) Ask(_ context.Context, query []float32, k int) (engine.Answer, error) {
	if x.deleted != nil {
		return x.without(x.deleted, query, k)
	}
	list, err := x.searcher.Search(ann.Query{Vector: query}, k)
	return answer(list), err
}

// Size returns the memory of the vectors and of the links: for each node 2M slots of four bytes on level 0 and M on each
// level above, and nine more bytes.
func (x *hnswIndex) Size() engine.Size {
	slots := 0
	for id := range int32(x.graph.Len()) {
		slots += (2 + x.graph.Level(id)) * x.graph.Options().M
	}
	return engine.Size{Memory: 4*int64(len(x.base.Data)+slots) + 9*int64(x.graph.Len())}
}

func (*hnswIndex) Close() error { return nil }
