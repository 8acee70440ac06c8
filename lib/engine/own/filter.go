package own

import (
	"context"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/hnsw"
)

// AskBelow implements engine.Filterer.
func (x *hnswIndex) AskBelow(_ context.Context, query []float32, k int, below int32) (engine.Answer, error) {
	return x.without(x.marks(below), query, k)
}

// Delete implements engine.Deleter.
func (x *hnswIndex) Delete(_ context.Context, ids []int32) error {
	if x.deleted == nil {
		x.deleted = make([]bool, x.base.N)
	}
	for _, id := range ids {
		x.deleted[id] = true
	}
	x.marked = nil
	return nil
}

// marks returns the nodes that are deleted or whose attribute is not less than below. They are kept until the next deletion.
func (x *hnswIndex) marks(below int32) []bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if marked, ok := x.marked[below]; ok {
		return marked
	}
	marked := make([]bool, x.base.N)
	copy(marked, x.deleted)
	for id, a := range x.attributes {
		marked[id] = marked[id] || a >= below
	}
	if x.marked == nil {
		x.marked = make(map[int32][]bool)
	}
	x.marked[below] = marked
	return marked
}

// without returns the answer of a walk that visits the marked nodes, but does not return them or count them towards efSearch.
func (x *hnswIndex) without(marked []bool, query []float32, k int) (engine.Answer, error) {
	q := ann.Query{Vector: query}
	if err := ann.CheckQuery(q, k, x.base.N, x.base.D); err != nil {
		return engine.Answer{}, err
	}
	w, ok := x.walkers.Get().(*hnsw.Walker)
	if !ok {
		space, err := hnsw.OnMetric(x.base, x.metric)
		if err != nil {
			return engine.Answer{}, err
		}
		if w, err = hnsw.NewWalker(x.graph, space); err != nil {
			return engine.Answer{}, err
		}
	}
	defer x.walkers.Put(w)
	if err := w.Exclude(marked); err != nil {
		return engine.Answer{}, err
	}
	walk, err := w.Walk(q, x.policy.Terms(k, x.efSearch, q).EfSearch)
	if err != nil {
		return engine.Answer{}, err
	}
	list, err := walk.Answer(x.policy, k, x.efSearch)
	return answer(list), err
}
