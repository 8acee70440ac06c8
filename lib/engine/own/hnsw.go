package own

import (
	"context"
	"errors"
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/hnsw"
)

type hnswIndex struct {
	engine.Bounds
	base     ann.Vectors
	graph    *hnsw.Graph
	policy   hnsw.Policy
	threads  int
	searcher *hnsw.Searcher // nil when closed
}

func openHNSW(ctx context.Context, q question, p hnsw.Policy) (engine.Index, error) {
	space, err := hnsw.OnMetric(q.base, q.o.Metric)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.bounds.Name, err)
	}
	graph, err := hnsw.Build(ctx, space, hnsw.Options{M: q.o.M, EfConstruction: q.o.EfConstruction, Seed: q.o.Seed})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.bounds.Name, err)
	}
	x := &hnswIndex{Bounds: q.bounds, base: q.base, graph: graph, policy: p, threads: q.o.Threads}
	return x, x.SetEfSearch(engine.DefaultEfSearch)
}

func (x *hnswIndex) SetEfSearch(ef int) error {
	if err := x.Effort(ef); err != nil {
		return err
	}
	s, err := hnsw.NewSearcher(x.graph, x.base, hnsw.SearchOptions{EfSearch: ef, Policy: x.policy, Metric: x.Metric})
	if err != nil {
		return fmt.Errorf("%s: %w", x.Name, err)
	}
	x.searcher = s
	return nil
}

func (x *hnswIndex) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	if x.searcher == nil {
		return engine.Answer{}, errors.New(x.Name + ": the index is closed")
	}
	if err := errors.Join(x.Questions(engine.One(query), k), ctx.Err()); err != nil {
		return engine.Answer{}, err
	}
	list, err := x.searcher.Search(ann.Query{Vector: query}, k)
	if err != nil {
		return engine.Answer{}, fmt.Errorf("%s: %w", x.Name, err)
	}
	return answer(list), nil
}

func (x *hnswIndex) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	return engine.AskEach(ctx, x, queries, k, x.threads)
}

// Size is the vectors, and per node 2M slots of four bytes on level 0 and M on each level above.
func (x *hnswIndex) Size() engine.Size {
	slots := 0
	for id := range int32(x.graph.Len()) {
		slots += (2 + x.graph.Level(id)) * x.graph.Options().M
	}
	return engine.Size{Memory: 4*int64(len(x.base.Data)+slots) + 9*int64(x.graph.Len())}
}

func (x *hnswIndex) Close() error {
	x.searcher = nil
	return nil
}
