package engine_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// able is a scan with a filter and a deletion, which records what it is asked.
type able struct {
	scan
	attributes []int32
	below      int32
	gone       []int32
	fail       error
}

func (a *able) AskBelow(_ context.Context, _ []float32, k int, below int32) (answer engine.Answer, _ error) {
	a.below = below
	for id, attribute := range a.attributes {
		if attribute < below && len(answer.IDs) < k {
			answer.IDs = append(answer.IDs, int32(id))
		}
	}
	return answer, nil
}

func (a *able) Delete(_ context.Context, ids []int32) error {
	if a.fail != nil {
		return a.fail
	}
	a.gone = append(a.gone, ids...)
	return nil
}

func ableEngine(a *able) engine.Engine {
	e := toy(&a.scan)
	open := e.Open
	e.Open = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
		a.attributes = o.Attributes
		_, err := open(ctx, base, o)
		return a, err
	}
	e.Filter, e.Delete = "WHERE", "DELETE"
	return e
}

// A filter and its argument reach the adapter, and errors name the engine.
func TestFilter(t *testing.T) {
	a := &able{}
	x := build(t, ableEngine(a), engine.Options{Attributes: []int32{5, 1, 7, 2}})
	answer, err := x.AskBelow(t.Context(), []float32{1, 1}, 3, 5)
	if err != nil || !slices.Equal(answer.IDs, []int32{1, 3}) || a.below != 5 {
		t.Errorf("%v, %v below %d; want [1 3] below 5", answer.IDs, err, a.below)
	}
	_, err = x.AskBelow(t.Context(), []float32{1}, 3, 5)
	says(t, err, "query has 1 dimensions")
	_, err = build(t, ableEngine(a), engine.Options{}).AskBelow(t.Context(), []float32{1, 1}, 3, 5)
	says(t, err, "without attributes")
	_, err = ableEngine(a).Build(t.Context(), square, engine.Options{Attributes: []int32{}})
	says(t, err, "0 attributes for 4 vectors")
}

// A deletion that the adapter makes counts, so that no vector is deleted twice; one that fails does not.
func TestDelete(t *testing.T) {
	a := &able{}
	x := build(t, ableEngine(a), engine.Options{})
	for _, ids := range [][]int32{{4}, {-1}, {0, 0}, {1, 9}} {
		if says(t, x.Delete(t.Context(), ids), "delete"); a.gone != nil {
			t.Errorf("%v: the adapter was asked to delete %v", ids, a.gone)
		}
	}
	a.fail = errors.New("read only")
	says(t, x.Delete(t.Context(), []int32{0}), "read only")
	a.fail = nil
	for _, ids := range [][]int32{{0}, nil, {3, 2}} {
		if err := x.Delete(t.Context(), ids); err != nil {
			t.Errorf("%v: %v", ids, err)
		}
	}
	if says(t, x.Delete(t.Context(), []int32{1, 3}), "vector 3 is deleted already"); !slices.Equal(a.gone, []int32{0, 3, 2}) {
		t.Errorf("%v were deleted, want 0, 3 and 2", a.gone)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	says(t, x.Delete(stopped, []int32{1}), "canceled")
	if err := x.Close(); err == nil {
		t.Error("the error of Close is lost")
	}
	says(t, x.Delete(t.Context(), []int32{1}), "closed")
}

// An engine supports what both its adapter and its description have.
func TestUnsupported(t *testing.T) {
	silent := ableEngine(&able{})
	silent.Filter, silent.Delete = "", ""
	words := toy(&scan{})
	words.Filter, words.Delete = "WHERE", "DELETE"
	for what, e := range map[string]engine.Engine{"neither": toy(&scan{}), "no words": silent, "words only": words} {
		x := build(t, e, engine.Options{Attributes: make([]int32, 4)})
		_, err := x.AskBelow(t.Context(), []float32{1, 1}, 1, 1)
		says(t, err, "filtered search")
		for _, err := range []error{err, x.Delete(t.Context(), []int32{0})} {
			if !errors.Is(err, engine.ErrUnsupported) {
				t.Errorf("%s: %v, want ErrUnsupported", what, err)
			}
		}
	}
}
