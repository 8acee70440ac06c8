// Package trees provides search trees as engines: gonum's k-d tree and vantage-point tree, both exact, and an approximate
// search of the k-d tree, which visits gonum's nodes best first and ends after a number of leaves. Each counts the points
// that it visits.
package trees

import (
	"context"
	"errors"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Version is the release of gonum that go.mod pins.
const Version = "v0.17.0"

// Found is the answer of one search, nearest first, with the number of points visited: those whose distance to the query
// was computed.
type Found struct {
	engine.Answer
	Visited int
}

// search returns the k nearest points, 1 ≤ k ≤ n. The approximate search visits at most the given number of leaves.
type search func(query []float32, k, leaves int) Found

// builder builds a tree and returns its search.
type builder func(base ann.Vectors, seed uint64) (search, error)

// Engines returns gonum's two trees and the best-first search. For the cosine they search normalized rows by L2.
func Engines() []engine.Engine {
	kd := of(engine.Engine{Key: "gonum-kdtree", Name: "gonum k-d tree"}, func(base ann.Vectors, _ uint64) (search, error) {
		t := NewKD(base)
		return func(query []float32, k, _ int) Found { return t.Nearest(query, k) }, nil
	})
	vp := of(engine.Engine{Key: "gonum-vptree", Name: "gonum vantage-point tree"}, func(base ann.Vectors, seed uint64) (search, error) {
		t, err := NewVP(base, seed)
		return func(query []float32, k, _ int) Found { return t.Nearest(query, k) }, err
	})
	best := of(engine.Engine{Key: "kdtree-best-first", Name: "k-d tree, best first"}, func(base ann.Vectors, _ uint64) (search, error) {
		return NewKD(base).BestFirst, nil
	})
	best.Policy, best.Effort = engine.Pads, "leaves of trees.KD.BestFirst"
	best.Documented = "looks into efSearch leaves; shorter where these and the nodes above them hold fewer than k points"
	return []engine.Engine{kd, vp, best}
}

// of returns e with the fields that the trees share. The engine is exact unless the caller changes its policy.
func of(e engine.Engine, b builder) engine.Engine {
	e.Family, e.Color, e.Policy, e.Documented = "gonum", color.RGBA{0x00, 0x9e, 0x73, 255}, engine.Exact, "exact"
	e.Metrics, e.Normalize, e.Deterministic = []ann.Metric{ann.Euclidean, ann.Cosine}, true, true
	e.Version = func() string { return Version }
	e.Open = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
		return open(ctx, base, o, b)
	}
	return e
}

// index implements engine.Adapter with a tree. Its distances are those of the tree: L2 of the vantage-point tree, squared L2
// of the others.
type index struct {
	n      int
	bytes  int64
	search search
	leaves int
}

func open(ctx context.Context, base ann.Vectors, o engine.Options, b builder) (engine.Adapter, error) {
	x := &index{n: base.N}
	growth, err := engine.HeapGrowth(func() (err error) {
		x.search, err = b(base, o.Seed)
		return errors.Join(err, ctx.Err())
	})
	x.bytes = growth + 4*int64(len(base.Data)) // the nodes hold the rows themselves
	return x, err
}

// SetEfSearch sets the budget of leaves.
func (x *index) SetEfSearch(ef int) error {
	x.leaves = ef
	return nil
}

func (x *index) Ask(_ context.Context, query []float32, k int) (engine.Answer, error) {
	return x.search(query, min(k, x.n), x.leaves).Answer, nil
}

// Size returns the growth of Go's heap during the build plus the size of the vectors.
func (x *index) Size() engine.Size { return engine.Size{Memory: x.bytes} }

func (x *index) Close() error { return nil }
