package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"anncapacity/lib/ann"
)

// line holds five points on a line: 0, 1, 2, 3 and 4.
var line = ann.Vectors{N: 5, D: 1, Data: []float32{0, 1, 2, 3, 4}}

// answering is an index that returns the same answer to every query and counts the queries.
type answering struct {
	answer Answer
	fail   error
	asked  *atomic.Int64
	k      *int

	Index // nil: its other methods are not called
}

func (x answering) SetEfSearch(int) error { return nil }
func (x answering) Ask(_ context.Context, _ []float32, k int) (Answer, error) {
	x.asked.Add(1)
	if x.k != nil {
		*x.k = k
	}
	return x.answer, x.fail
}
func (x answering) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]Answer, error) {
	answers := make([]Answer, queries.N)
	for i := range answers {
		answers[i], _ = x.Ask(ctx, queries.Row(i), k)
	}
	return answers, x.fail
}
func (x answering) Size() Size   { return Size{} }
func (x answering) Close() error { return nil }

func wantError(t *testing.T, what string, err error, words ...string) {
	t.Helper()
	if (err == nil) != (len(words) == 0) {
		t.Errorf("%s: error %v, want one with %q", what, err, words)
	}
	for _, word := range words {
		if err != nil && !strings.Contains(err.Error(), word) {
			t.Errorf("%s: error %v, want one with %q", what, err, word)
		}
	}
}

// Neighbors returns at most k neighbours, without padding, repeated IDs and the query itself, sorted by distances that it
// computes. The list is shorter if the answer has fewer points.
func TestNeighbors(t *testing.T) {
	s := Searcher{Name: "engine", Base: line}
	outside := ann.Query{Vector: []float32{0.25}}
	for what, c := range map[string]struct {
		query ann.Query
		k     int
		ids   []int32
		want  ann.Neighbors
	}{
		"in another order":       {outside, 3, []int32{2, 0, 1}, ann.Neighbors{{ID: 0, Distance: .25}, {ID: 1, Distance: .75}, {ID: 2, Distance: 1.75}}},
		"padded":                 {outside, 3, []int32{1, Padding, Padding}, ann.Neighbors{{ID: 1, Distance: .75}}},
		"empty slots first":      {outside, 2, []int32{Padding, 0}, ann.Neighbors{{ID: 0, Distance: .25}}},
		"repeated":               {outside, 3, []int32{0, 0, 1}, ann.Neighbors{{ID: 0, Distance: .25}, {ID: 1, Distance: .75}}},
		"more than k":            {outside, 1, []int32{4, 0}, ann.Neighbors{{ID: 0, Distance: .25}}},
		"none":                   {outside, 2, nil, ann.Neighbors{}},
		"the query itself":       {ann.Point(line, 2), 2, []int32{2, 3, 1}, ann.Neighbors{{ID: 1, Distance: 1}, {ID: 3, Distance: 1}}},
		"the query not returned": {ann.Point(line, 2), 2, []int32{3, 1, 4}, ann.Neighbors{{ID: 1, Distance: 1}, {ID: 3, Distance: 1}}},
	} {
		got, err := s.Neighbors(c.query, c.k, Answer{IDs: c.ids, Distances: []float32{99, 98, 97}})
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v; want %v", what, got, err, c.want)
		}
	}
	for _, id := range []int32{5, -2, math.MaxInt32, math.MinInt32} {
		_, err := s.Neighbors(outside, 2, Answer{IDs: []int32{0, id}})
		wantError(t, "outside the base", err, "engine", fmt.Sprint(id), "5 points")
	}
	s.Metric = ann.InnerProduct
	got, err := s.Neighbors(ann.Query{Vector: []float32{2}}, 2, Answer{IDs: []int32{1, 4}})
	if want := (ann.Neighbors{{ID: 4, Distance: -8}, {ID: 1, Distance: -2}}); err != nil || !slices.Equal(got, want) {
		t.Errorf("inner product: %v, %v; want %v", got, err, want)
	}
}

// Search requests one more neighbour if the query is an indexed point, returns the engine's errors, and rejects invalid
// arguments without a call of the engine.
func TestSearch(t *testing.T) {
	var k int
	x := answering{answer: Answer{IDs: []int32{2, 1, 3}}, asked: new(atomic.Int64), k: &k}
	s := Searcher{Index: x, Name: "engine", Base: line}
	got, err := s.Search(ann.Point(line, 2), 2)
	if want := (ann.Neighbors{{ID: 1, Distance: 1}, {ID: 3, Distance: 1}}); err != nil || !slices.Equal(got, want) || k != 3 {
		t.Errorf("%v, %v, asked for %d; want %v of 3", got, err, k, want)
	}
	if _, err := s.Search(ann.Query{Vector: []float32{0}}, 2); err != nil || k != 2 {
		t.Errorf("%v, asked for %d, want 2", err, k)
	}
	asked := x.asked.Load()
	_, err = s.Search(ann.Point(line, 2), 5)
	wantError(t, "k = 5 of 4", err, "engine", "between 1 and 4")
	_, err = s.Search(ann.Query{Vector: []float32{0, 0}}, 1)
	wantError(t, "two dimensions", err, "engine", "2 dimensions")
	if x.asked.Load() != asked {
		t.Error("the engine was asked a bad question")
	}
	x.fail = errors.New("out of memory")
	_, err = Searcher{Index: x, Name: "engine", Base: line}.Search(ann.Point(line, 2), 2)
	wantError(t, "an error of the engine", err, "out of memory")
}

// Build sets defaults, keeps values that are set, and rejects invalid arguments with an error that names the engine.
func TestBuildChecksItsArguments(t *testing.T) {
	var seen Options
	e := Engine{Name: "engine", Policy: Raises, Metrics: []ann.Metric{ann.Euclidean, ann.Cosine},
		Open: func(_ context.Context, _ ann.Vectors, o Options) (Adapter, error) {
			seen = o
			return answering{asked: new(atomic.Int64)}, nil
		}}
	if _, err := e.Build(t.Context(), line, Options{}); err != nil || seen.M != 32 || seen.EfConstruction != 200 || seen.Threads < 1 {
		t.Errorf("%+v, %v: want M = 32, efConstruction = 200, all threads", seen, err)
	}
	if _, err := e.Build(t.Context(), line, Options{M: 5, EfConstruction: 7, Threads: 3}); err != nil || seen.M != 5 || seen.EfConstruction != 7 || seen.Threads != 3 {
		t.Errorf("%+v, %v: what is given must stay", seen, err)
	}
	for what, c := range map[string]struct {
		base  ann.Vectors
		o     Options
		words string
	}{
		"no vectors": {ann.Vectors{}, Options{}, "no vectors"}, "other numbers": {ann.Vectors{N: 2, D: 2, Data: make([]float32, 3)}, Options{}, "3 numbers do not make 2 × 2"},
		"metric": {line, Options{Metric: ann.InnerProduct}, "inner product"}, "zero vector": {line, Options{Metric: ann.Cosine}, "row 0 is the zero vector"},
		"M": {line, Options{M: 1}, "M = 1"}, "efConstruction": {line, Options{EfConstruction: -1}, "efConstruction = -1"}, "threads": {line, Options{Threads: -2}, "threads = -2"},
	} {
		_, err := e.Build(t.Context(), c.base, c.o)
		wantError(t, what, err, "engine", c.words)
	}
}
