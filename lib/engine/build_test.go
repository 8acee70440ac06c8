package engine_test

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// scan is a minimal adapter that compares the query with every row.
type scan struct {
	base    ann.Vectors
	ef      int
	closed  int
	started chan struct{} // if not nil: a search sends on it, then waits for resume
	resume  chan struct{}
}

func (s *scan) SetEfSearch(ef int) error { s.ef = ef; return nil }

func (s *scan) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	if s.started != nil {
		s.started <- struct{}{}
		<-s.resume
	}
	if len(query) == 2 && query[0] == 13 {
		return engine.Answer{}, errors.New("no thirteen")
	}
	ids := make([]int32, s.base.N)
	for i := range ids {
		ids[i] = int32(i)
	}
	slices.SortFunc(ids, func(a, b int32) int {
		return cmp.Compare(ann.L2(query, s.base.Row(int(a))), ann.L2(query, s.base.Row(int(b))))
	})
	return engine.Answer{IDs: ids[:min(k, len(ids))]}, nil
}

func (s *scan) Size() engine.Size { return engine.Size{Memory: 1} }

func (s *scan) Close() error { s.closed++; return errors.New("stuck") }

func toy(s *scan) engine.Engine {
	return engine.Engine{
		Key: "toy", Name: "Toy", Policy: engine.Raises, Metrics: []ann.Metric{ann.Euclidean, ann.Cosine}, Normalize: true,
		Version: func() string { return "1" },
		Open: func(_ context.Context, base ann.Vectors, _ engine.Options) (engine.Adapter, error) {
			s.base = base
			return s, nil
		},
	}
}

var square = ann.Vectors{N: 4, D: 2, Data: []float32{1, 1, 3, 1, 1, 4, 5, 5}}

func build(t *testing.T, e engine.Engine, o engine.Options) engine.Index {
	t.Helper()
	x, err := e.Build(t.Context(), square, o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// says fails the test unless err begins with the engine's name and contains words.
func says(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), "Toy: ") || !strings.Contains(err.Error(), words) || strings.Count(err.Error(), "Toy") != 1 {
		t.Errorf("%v: %q was expected", err, "Toy: … "+words)
	}
}

func TestAnswersAndErrors(t *testing.T) {
	s := &scan{}
	x := build(t, toy(s), engine.Options{Threads: 2})
	if s.ef != engine.DefaultEfSearch {
		t.Errorf("built with efSearch %d", s.ef)
	}
	answers, err := x.AskBatch(t.Context(), square, 2)
	if err != nil || len(answers) != 4 || !slices.Equal(answers[1].IDs, []int32{1, 0}) {
		t.Errorf("%v (%v)", answers, err)
	}
	if none, err := x.AskBatch(t.Context(), ann.Vectors{D: 2}, 2); err != nil || len(none) != 0 {
		t.Errorf("no queries: %v (%v)", none, err)
	}
	_, err = x.AskBatch(t.Context(), ann.Vectors{N: 2, D: 2, Data: []float32{1, 1, 13, 1}}, 2)
	says(t, err, "no thirteen")
	_, err = x.Ask(t.Context(), []float32{1}, 1)
	says(t, err, "1 dimensions")
	for _, k := range []int{0, -1, math.MaxInt32 + 1} {
		_, err = x.Ask(t.Context(), []float32{1, 1}, k)
		says(t, err, "between 1 and")
	}
	says(t, x.SetEfSearch(0), "at least 1")
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = x.Ask(stopped, []float32{1, 1}, 1)
	says(t, err, context.Canceled.Error())
	_, err = toy(s).Build(stopped, square, engine.Options{})
	says(t, err, context.Canceled.Error())
	_, err = toy(s).Build(t.Context(), square, engine.Options{Metric: ann.InnerProduct})
	says(t, err, "metric")
}

// An engine that does not support the cosine receives normalized rows and queries.
func TestNormalize(t *testing.T) {
	s := &scan{}
	x := build(t, toy(s), engine.Options{Metric: ann.Cosine})
	for i := range s.base.N {
		if n := ann.L2(s.base.Row(i), []float32{0, 0}); math.Abs(float64(n)-1) > 1e-6 {
			t.Errorf("row %d has the length %v", i, n)
		}
	}
	a, err := x.Ask(t.Context(), []float32{100, 100}, 2)
	if err != nil || !slices.Equal(a.IDs, []int32{0, 3}) {
		t.Errorf("%v (%v)", a.IDs, err)
	}
	if square.Data[2] != 3 {
		t.Error("the caller's vectors were changed")
	}
}

// Close waits for a search in progress and closes the adapter once. A later call of another method returns an error.
func TestClose(t *testing.T) {
	s := &scan{started: make(chan struct{}), resume: make(chan struct{})}
	x := build(t, toy(s), engine.Options{})
	var asking sync.WaitGroup
	asking.Go(func() {
		if _, err := x.Ask(t.Context(), []float32{1, 1}, 1); err != nil {
			t.Error(err)
		}
	})
	<-s.started
	closed := make(chan error)
	go func() { closed <- x.Close() }()
	select {
	case err := <-closed:
		t.Errorf("closed while asked (%v)", err)
	default:
	}
	close(s.resume)
	asking.Wait()
	says(t, <-closed, "stuck")
	if err := x.Close(); err != nil || s.closed != 1 {
		t.Errorf("closed again: %v, %d times", err, s.closed)
	}
	_, err := x.Ask(t.Context(), []float32{1, 1}, 1)
	says(t, err, "the index is closed")
	_, err = x.AskBatch(t.Context(), square, 1)
	says(t, err, "the index is closed")
	says(t, x.SetEfSearch(5), "the index is closed")
	if x.Size() != (engine.Size{}) {
		t.Error("a closed index has a size")
	}
}

// Missing names the missing requirement and how to install it. SetEfSearch of an exact engine does not call its adapter.
func TestMissingAndExact(t *testing.T) {
	s := &scan{}
	e := toy(s)
	if err := e.Missing(); err != nil {
		t.Error(err)
	}
	e.Absent, e.Install = func() error { return errors.New("no toy.h") }, "apt-get install toy"
	says(t, e.Missing(), "no toy.h: apt-get install toy")
	_, err := e.Build(t.Context(), square, engine.Options{})
	says(t, err, "no toy.h: apt-get install toy")
	e.Absent, e.Policy = nil, engine.Exact
	if err := build(t, e, engine.Options{}).SetEfSearch(7); err != nil || s.ef != 0 {
		t.Errorf("%v, efSearch %d", err, s.ef)
	}
}
