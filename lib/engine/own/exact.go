package own

import (
	"context"
	"errors"
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/exact"
)

type exactIndex struct {
	engine.Bounds
	index *exact.Index // nil when closed
	bytes int64
}

func openExact(_ context.Context, q question) (engine.Index, error) {
	index, err := exact.NewMetric(q.base, q.o.Metric)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.bounds.Name, err)
	}
	return &exactIndex{q.bounds, index, 4 * int64(len(q.base.Data))}, nil
}

func (x *exactIndex) SetEfSearch(ef int) error { return x.Effort(ef) }

func (x *exactIndex) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	if err := x.check(ctx, engine.One(query), k); err != nil {
		return engine.Answer{}, err
	}
	list, err := x.index.Search(ann.Query{Vector: query}, k)
	if err != nil {
		return engine.Answer{}, fmt.Errorf("%s: %w", x.Name, err)
	}
	return answer(list), nil
}

func (x *exactIndex) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	if err := x.check(ctx, queries, k); err != nil {
		return nil, err
	}
	lists, err := x.index.SearchBatch(ctx, queries, k)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", x.Name, err)
	}
	answers := make([]engine.Answer, len(lists))
	for i, list := range lists {
		answers[i] = answer(list)
	}
	return answers, nil
}

func (x *exactIndex) check(ctx context.Context, queries ann.Vectors, k int) error {
	if x.index == nil {
		return errors.New(x.Name + ": the index is closed")
	}
	return errors.Join(x.Questions(queries, k), ctx.Err())
}

func (x *exactIndex) Size() engine.Size { return engine.Size{Memory: x.bytes} }

func (x *exactIndex) Close() error {
	x.index = nil
	return nil
}
