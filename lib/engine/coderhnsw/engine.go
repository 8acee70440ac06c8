package coderhnsw

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

const name = "coder/hnsw"

// Engine is the package as an engine. Its answers come in its own order and without distances.
func Engine() engine.Engine {
	e := engine.Engine{
		Name: name, Key: "coderhnsw", Policy: "ignores efSearch: keeps k results, so that a larger k explores more; short where it gives up before", Metrics: ann.Metrics,
		Version: func() string { return Version }, Missing: func() error { return nil },
	}
	e.Build = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Index, error) {
		o, err := e.CheckBuild(base, o)
		if err != nil {
			return nil, err
		}
		return open(ctx, base, o)
	}
	return e
}

// asked is an Index that is asked as its user would ask.
type asked struct {
	bounds  engine.Bounds
	threads int
	bytes   int64
	index   atomic.Pointer[Index] // nil when closed
}

func open(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Index, error) {
	x := &asked{bounds: engine.Bounds{Name: name, D: base.D, Metric: o.Metric}, threads: o.Threads}
	growth, err := engine.HeapGrowth(func() error {
		index, err := New(ctx, base, Options{M: o.M, EfConstruction: o.EfConstruction, EfSearch: engine.DefaultEfSearch, Seed: o.Seed, Metric: o.Metric})
		x.index.Store(index)
		return err
	})
	if errors.Is(err, ctx.Err()) && err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	}
	if err != nil {
		return nil, err
	}
	x.bytes = growth + 4*int64(len(base.Data)) // its nodes hold the rows of base themselves
	return x, nil
}

var errClosed = errors.New(name + ": the index is closed")

func (x *asked) SetEfSearch(ef int) error {
	if err := x.bounds.Effort(ef); err != nil {
		return err
	}
	index := x.index.Load()
	if index == nil {
		return errClosed
	}
	index, err := index.WithEfSearch(ef)
	if err == nil {
		x.index.Store(index)
	}
	return err
}

func (x *asked) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	index := x.index.Load()
	if index == nil {
		return engine.Answer{}, errClosed
	}
	if err := errors.Join(x.bounds.Questions(engine.One(query), k), ctx.Err()); err != nil {
		return engine.Answer{}, err
	}
	found := index.graph.Search(query, k)
	ids := make([]int32, len(found))
	for i, node := range found {
		ids[i] = int32(node.Key)
	}
	return engine.Answer{IDs: ids}, nil
}

func (x *asked) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	return engine.AskEach(ctx, x, queries, k, x.threads)
}

func (x *asked) Size() engine.Size { return engine.Size{Memory: x.bytes} }

func (x *asked) Close() error {
	x.index.Store(nil)
	return nil
}
