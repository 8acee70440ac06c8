// Package trees is search in trees: gonum's k-d tree and vantage-point tree, both exact, and the approximate k-d tree, a
// best-first walk through gonum's own nodes that ends after a number of leaves. Each counts the points that it looks at.
package trees

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Version is the release of gonum that go.mod pins.
const Version = "v0.17.0"

// Found is what one search came back with, nearest first, and how many points it looked at: those whose distance to the
// query it computed.
type Found struct {
	engine.Answer
	Visited int
}

// search looks for the k nearest, 1 ≤ k ≤ n, in at most so many leaves where it has a budget.
type search func(query []float32, k, leaves int) Found

// variants are the engines: metrics are those that Directions brings to L2.
var variants = []struct {
	name, policy string
	exact        bool
	grow         func(base ann.Vectors, seed uint64) (search, error)
}{
	{"gonum k-d tree", "exact", true, func(base ann.Vectors, _ uint64) (search, error) {
		t := NewKD(base)
		return func(query []float32, k, _ int) Found { return t.Nearest(query, k) }, nil
	}},
	{"gonum vantage-point tree", "exact", true, func(base ann.Vectors, seed uint64) (search, error) {
		t, err := NewVP(base, seed)
		return func(query []float32, k, _ int) Found { return t.Nearest(query, k) }, err
	}},
	{"k-d tree, best first", "looks into efSearch leaves; shorter where these and the nodes above them hold fewer than k points", false,
		func(base ann.Vectors, _ uint64) (search, error) { return NewKD(base).BestFirst, nil }},
}

// Engines lists them.
func Engines() []engine.Engine {
	all := make([]engine.Engine, len(variants))
	for i, v := range variants {
		e := engine.Engine{
			Name: v.name, Policy: v.policy, Metrics: []ann.Metric{ann.Euclidean, ann.Cosine}, Exact: v.exact,
			Version: func() string { return Version }, Missing: func() error { return nil },
		}
		e.Build = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Index, error) {
			o, err := e.CheckBuild(base, o)
			if err != nil {
				return nil, err
			}
			x := &Index{bounds: engine.Bounds{Name: v.name, D: base.D, Metric: o.Metric}, threads: o.Threads, n: base.N}
			x.leaves.Store(engine.DefaultEfSearch)
			if base, err = engine.Directions(o.Metric, base); err == nil {
				x.bytes, err = engine.HeapGrowth(func() (err error) {
					x.search, err = v.grow(base, o.Seed)
					return errors.Join(err, ctx.Err())
				})
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", v.name, err)
			}
			x.bytes += 4 * int64(len(base.Data)) // the nodes hold the rows themselves
			return x, nil
		}
		all[i] = e
	}
	return all
}

// Index is a tree as an engine. Its distances are the trees' own, of rows at length 1 under the cosine: L2 in the
// vantage-point tree, squared L2 in the others.
type Index struct {
	bounds  engine.Bounds
	threads int
	n       int
	bytes   int64
	search  search // nil when closed
	leaves  atomic.Int64
	visited atomic.Int64
}

// Visited is the number of points looked at, in all questions since Build.
func (x *Index) Visited() int64 { return x.visited.Load() }

// SetEfSearch sets the budget of leaves.
func (x *Index) SetEfSearch(ef int) error {
	if err := x.bounds.Effort(ef); err != nil {
		return err
	}
	x.leaves.Store(int64(min(ef, math.MaxInt32)))
	return nil
}

// Ask implements engine.Index.
func (x *Index) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	if x.search == nil {
		return engine.Answer{}, errors.New(x.bounds.Name + ": the index is closed")
	}
	queries := engine.One(query)
	if err := errors.Join(x.bounds.Questions(queries, k), ctx.Err()); err != nil {
		return engine.Answer{}, err
	}
	queries, err := engine.Directions(x.bounds.Metric, queries)
	if err != nil {
		return engine.Answer{}, fmt.Errorf("%s: %w", x.bounds.Name, err)
	}
	found := x.search(queries.Data, min(k, x.n), int(x.leaves.Load()))
	x.visited.Add(int64(found.Visited))
	return found.Answer, nil
}

// AskBatch asks from every thread.
func (x *Index) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	return engine.AskEach(ctx, x, queries, k, x.threads)
}

// Size is what Go's heap grew by, and the vectors.
func (x *Index) Size() engine.Size { return engine.Size{Memory: x.bytes} }

// Close lets go of the tree.
func (x *Index) Close() error {
	x.search = nil
	return nil
}
