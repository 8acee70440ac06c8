package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"anncapacity/lib/ann"
)

// Missing returns an error if the engine is not available here. The error says why, and how to install the engine.
func (e Engine) Missing() error { return e.named(context.Background(), e.missing()) }

func (e Engine) missing() error {
	if e.Absent == nil {
		return nil
	}
	if err := e.Absent(); err != nil {
		return fmt.Errorf("%w: %s", err, e.Install)
	}
	return nil
}

// Build returns an index of the rows of base, each identified by its row number. Errors name the engine. When ctx ends,
// Build stops and leaves no process and no file behind.
func (e Engine) Build(ctx context.Context, base ann.Vectors, o Options) (Index, error) {
	x, err := e.build(ctx, base, o)
	if err != nil {
		return nil, e.named(ctx, err)
	}
	return x, nil
}

func (e Engine) build(ctx context.Context, base ann.Vectors, o Options) (*index, error) {
	o.name = e.Name
	if err := errors.Join(e.missing(), ctx.Err()); err != nil {
		return nil, err
	}
	if err := e.check(base, &o); err != nil {
		return nil, err
	}
	rows, err := e.rows(o.Metric, base)
	if err != nil {
		return nil, err
	}
	adapter, err := e.Open(ctx, rows, o)
	if err != nil {
		return nil, err
	}
	x := &index{engine: e, n: base.N, d: base.D, o: o, adapter: adapter}
	if err := x.setEfSearch(DefaultEfSearch); err != nil {
		return nil, errors.Join(err, adapter.Close())
	}
	return x, nil
}

// rows returns v, with its rows normalized if the metric is the cosine and the engine does not support it.
func (e Engine) rows(m ann.Metric, v ann.Vectors) (ann.Vectors, error) {
	if !e.Normalize || m != ann.Cosine {
		return v, nil
	}
	return ann.Normalized(v)
}

// named returns err with the engine's name in front, and with the error of ctx if ctx has ended.
func (e Engine) named(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		err = fmt.Errorf("%w: %w", ended, err)
	}
	return fmt.Errorf("%s: %w", e.Name, err)
}

// index implements Index. It checks the arguments of every call and passes the call to an adapter.
type index struct {
	engine Engine
	n, d   int
	o      Options

	mu      sync.RWMutex   // held for reading during a search
	adapter Adapter        // nil when closed
	deleted map[int32]bool // IDs
}

var errClosed = errors.New("the index is closed")

// Unwrap returns the adapter of an Index that Build returned. Tests of one engine use it to reach what is specific to that
// engine.
func Unwrap(x Index) Adapter { return x.(*index).adapter }

// SetEfSearch implements Index.
func (x *index) SetEfSearch(ef int) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.engine.named(context.Background(), x.setEfSearch(ef))
}

func (x *index) setEfSearch(ef int) error {
	switch {
	case x.adapter == nil:
		return errClosed
	case ef < 1:
		return fmt.Errorf("efSearch = %d: must be at least 1", ef)
	case x.engine.Exact():
		return nil
	}
	return x.adapter.SetEfSearch(ef)
}

// Ask implements Index.
func (x *index) Ask(ctx context.Context, query []float32, k int) (Answer, error) {
	var a Answer
	err := x.checked(ctx, One(query), k, func(queries ann.Vectors) (err error) {
		a, err = x.adapter.Ask(ctx, queries.Data, k)
		return err
	})
	if err != nil {
		return Answer{}, err
	}
	return a, nil
}

// AskBatch implements Index.
func (x *index) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]Answer, error) {
	var answers []Answer
	err := x.checked(ctx, queries, k, func(queries ann.Vectors) (err error) {
		if b, ok := x.adapter.(Batcher); ok {
			answers, err = b.AskBatch(ctx, queries, k)
		} else {
			answers, err = x.askEach(ctx, queries, k)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return answers, nil
}

// checked checks queries and k and calls ask with the queries in the form that the adapter expects.
func (x *index) checked(ctx context.Context, queries ann.Vectors, k int, ask func(ann.Vectors) error) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	err := errors.Join(x.checkQueries(queries, k), ctx.Err())
	if err == nil {
		queries, err = x.engine.rows(x.o.Metric, queries)
	}
	if err == nil && queries.N > 0 {
		err = ask(queries)
	}
	return x.engine.named(ctx, err)
}

// askEach searches for every row of queries from up to Options.Threads goroutines.
func (x *index) askEach(ctx context.Context, queries ann.Vectors, k int) ([]Answer, error) {
	answers := make([]Answer, queries.N)
	group, asking := errgroup.WithContext(ctx)
	group.SetLimit(x.o.Threads)
	for i := range answers {
		if asking.Err() != nil {
			break
		}
		group.Go(func() (err error) {
			answers[i], err = x.adapter.Ask(asking, queries.Row(i), k)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return answers, ctx.Err()
}

// Size implements Index.
func (x *index) Size() Size {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.adapter == nil {
		return Size{}
	}
	return x.adapter.Size()
}

// Close implements Index.
func (x *index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.adapter == nil {
		return nil
	}
	adapter := x.adapter
	x.adapter = nil
	return x.engine.named(context.Background(), adapter.Close())
}
