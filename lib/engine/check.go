package engine

import (
	"context"
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

const defaultM, defaultEfConstruction = 32, 200

// DefaultEfSearch is the effort of an index that was not told another: the study's.
const DefaultEfSearch = 50

// CheckBuild fills in the defaults of o and reports what e cannot index. Errors name e.
func (e Engine) CheckBuild(base ann.Vectors, o Options) (Options, error) {
	if err := e.Missing(); err != nil {
		return o, err
	}
	if base.N < 1 || base.D < 1 {
		return o, fmt.Errorf("%s: no vectors to index", e.Name)
	}
	if len(base.Data) != base.N*base.D {
		return o, fmt.Errorf("%s: %d numbers do not make %d × %d", e.Name, len(base.Data), base.N, base.D)
	}
	if !slices.Contains(e.Metrics, o.Metric) {
		return o, fmt.Errorf("%s: does not measure %v, only %v", e.Name, o.Metric, e.Metrics)
	}
	if err := o.Metric.Check(base); err != nil {
		return o, fmt.Errorf("%s: %w", e.Name, err)
	}
	for _, p := range []struct {
		name            string
		value           *int
		standard, least int
	}{
		{"M", &o.M, defaultM, 2},
		{"efConstruction", &o.EfConstruction, defaultEfConstruction, 1},
		{"threads", &o.Threads, runtime.GOMAXPROCS(0), 1},
	} {
		if *p.value == 0 {
			*p.value = p.standard
		}
		if *p.value < p.least {
			return o, fmt.Errorf("%s: %s = %d: must be at least %d", e.Name, p.name, *p.value, p.least)
		}
	}
	return o, nil
}

// Bounds is what an adapter checks before it hands its engine a question. Errors name the engine.
type Bounds struct {
	Name   string
	D      int
	Metric ann.Metric
}

// Questions checks 1 ≤ k < 2³¹ and every query's dimension and direction. A k beyond the number of points is left to the
// engine's own answer.
func (b Bounds) Questions(queries ann.Vectors, k int) error {
	if k < 1 || k > math.MaxInt32 {
		return fmt.Errorf("%s: k = %d: must be between 1 and %d", b.Name, k, math.MaxInt32)
	}
	if queries.D != b.D {
		return fmt.Errorf("%s: query has %d dimensions, the index %d", b.Name, queries.D, b.D)
	}
	if err := b.Metric.Check(queries); err != nil {
		return fmt.Errorf("%s: query: %w", b.Name, err)
	}
	return nil
}

// Effort checks that ef ≥ 1.
func (b Bounds) Effort(ef int) error {
	if ef < 1 {
		return fmt.Errorf("%s: efSearch = %d: must be at least 1", b.Name, ef)
	}
	return nil
}

// One is a query as a matrix of one row, a view.
func One(query []float32) ann.Vectors { return ann.Vectors{N: 1, D: len(query), Data: query} }

// Directions is v, or for the cosine its rows at length 1: engines without a cosine take these and the inner product or L2.
func Directions(m ann.Metric, v ann.Vectors) (ann.Vectors, error) {
	if m != ann.Cosine {
		return v, nil
	}
	return ann.Normalized(v)
}

// AskEach asks x every row of queries on so many goroutines: the batch of an engine that has none.
func AskEach(ctx context.Context, x Index, queries ann.Vectors, k, threads int) ([]Answer, error) {
	answers := make([]Answer, queries.N)
	err := parallel.EachOn(ctx, queries.N, threads, func() (func(i int) error, error) {
		return func(i int) (err error) {
			answers[i], err = x.Ask(ctx, queries.Row(i), k)
			return err
		}, nil
	})
	if err != nil {
		return nil, err
	}
	return answers, nil
}

// reportEvery is how many points lie between two lines of progress.
const reportEvery = 1000

// Report says on w, which may be nil, how many of n points an engine has taken.
func Report(w io.Writer, name string, done, n int) {
	if w != nil && (done%reportEvery == 0 || done == n) {
		fmt.Fprintf(w, "\r%s: %d of %d points", name, done, n)
		if done == n {
			fmt.Fprintln(w)
		}
	}
}

// HeapGrowth is by how many bytes build made Go's heap grow.
func HeapGrowth(build func() error) (int64, error) {
	before := heap()
	err := build()
	return max(0, heap()-before), err
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
