package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// fake is an engine with vectors in memory. Its index finds the exact neighbours, but returns them as behaviour says.
type fake struct {
	index     Index
	base      ann.Vectors
	behaviour func(all Answer, k int, s Setting) (Answer, error)
	fail      int // the number of exact scans before the connection breaks; 0 means never
	asked     int
	unused    []Setting             // settings at which the index is not used
	scan      func(a Answer) Answer // of the exact scan; nil means the answer itself
}

// newFake returns an engine with the points 0, 1, …, n−1 on a line, and an index that truncates at efSearch.
func newFake(n int) *fake {
	base := ann.Vectors{N: n, D: 1}
	for i := range n {
		base.Data = append(base.Data, float32(i))
	}
	uses := Index{Name: "line", Engine: "fake", N: n, D: 1, Matching: n, Effort: "ef", Present: Setting{EfSearch: 10}, Policy: engine.Truncates}
	for _, ef := range []int{5, 10, 20, 40} {
		uses.Ladder = append(uses.Ladder, Setting{EfSearch: ef})
	}
	return &fake{index: uses, base: base, behaviour: truncate}
}

func truncate(all Answer, k int, s Setting) (Answer, error) {
	return all.first(min(k, s.EfSearch)), nil
}

func (a Answer) first(n int) Answer {
	n = min(n, len(a.IDs))
	return Answer{IDs: a.IDs[:n], Distances: a.Distances[:n], Took: a.Took}
}

func (f *fake) Index() Index { return f.index }

func (f *fake) Sample(_ context.Context, n int, seed uint64) (queries []Query, _ error) {
	for i := range min(n, f.base.N) {
		row := (i*7 + int(seed)) % f.base.N
		queries = append(queries, Query{Name: fmt.Sprint(row), Stored: true, Vector: f.base.Row(row)})
	}
	return queries, nil
}

// all returns all points, nearest first.
func (f *fake) all(vector []float32) (a Answer) {
	var list ann.Neighbors
	for i := range f.base.N {
		list = append(list, ann.Neighbor{ID: int32(i), Distance: f.index.Metric.Distance(vector, f.base.Row(i))})
	}
	list.Sort()
	for _, n := range list {
		a.IDs, a.Distances = append(a.IDs, fmt.Sprint(n.ID)), append(a.Distances, float64(n.Distance))
	}
	a.Took = time.Millisecond
	return a
}

func (f *fake) Ask(_ context.Context, vector []float32, k int, s Setting) (Answer, error) {
	return f.behaviour(f.all(vector), k, s)
}

var errBroken = errors.New("connection lost")

func (f *fake) Exact(_ context.Context, vector []float32, k int) (Answer, error) {
	if f.asked++; f.fail > 0 && f.asked > f.fail {
		return Answer{}, errBroken
	}
	a := f.all(vector).first(k)
	if f.scan != nil {
		a = f.scan(a)
	}
	return a, nil
}

func (f *fake) Plan(_ context.Context, _ []float32, _ int, s Setting) (Plan, error) {
	uses := !slices.Contains(f.unused, s)
	return Plan{UsesIndex: &uses, Text: "a scan"}, nil
}

func (f *fake) Vectors(_ context.Context, yield func(string, []float32) error) error {
	for i := range f.base.N {
		if err := yield(fmt.Sprint(i), f.base.Row(i)); err != nil {
			return err
		}
	}
	return nil
}

func (f *fake) Statement(s Setting, _ int) string { return fmt.Sprintf("ef = %d", s.EfSearch) }

// without returns an answer without the given ID.
func (a Answer) without(id string) Answer {
	at := slices.Index(a.IDs, id)
	if at < 0 {
		return a
	}
	return Answer{IDs: slices.Delete(slices.Clone(a.IDs), at, at+1), Distances: slices.Delete(slices.Clone(a.Distances), at, at+1), Took: a.Took}
}
