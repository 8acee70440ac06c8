package own

import (
	"context"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/exact"
)

// exactIndex searches by brute force with lib/exact.
type exactIndex struct {
	index *exact.Index
	bytes int64
}

func openExact(_ context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
	index, err := exact.NewMetric(base, o.Metric)
	return exactIndex{index, 4 * int64(len(base.Data))}, err
}

func (exactIndex) SetEfSearch(int) error { return nil }

func (x exactIndex) Ask(_ context.Context, query []float32, k int) (engine.Answer, error) {
	list, err := x.index.Search(ann.Query{Vector: query}, k)
	return answer(list), err
}

func (x exactIndex) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	lists, err := x.index.SearchBatch(ctx, queries, k)
	answers := make([]engine.Answer, len(lists))
	for i, list := range lists {
		answers[i] = answer(list)
	}
	return answers, err
}

func (x exactIndex) Size() engine.Size { return engine.Size{Memory: x.bytes} }

func (exactIndex) Close() error { return nil }
