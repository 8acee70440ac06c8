package engine

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"anncapacity/lib/ann"
)

const defaultM, defaultEfConstruction = 32, 200

// DefaultEfSearch is the effort of an index that was not told another: the study's.
const DefaultEfSearch = 50

// check fills in the defaults of o and reports what e cannot index.
func (e Engine) check(base ann.Vectors, o *Options) error {
	if base.N < 1 || base.D < 1 {
		return errors.New("no vectors to index")
	}
	if len(base.Data) != base.N*base.D {
		return fmt.Errorf("%d numbers do not make %d × %d", len(base.Data), base.N, base.D)
	}
	if !slices.Contains(e.Metrics, o.Metric) {
		return fmt.Errorf("does not know the metric %v, only %v", o.Metric, e.Metrics)
	}
	if err := o.Metric.Check(base); err != nil {
		return err
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
			return fmt.Errorf("%s = %d: must be at least %d", p.name, *p.value, p.least)
		}
	}
	return nil
}

// checkQuestion checks that the index is open, 1 ≤ k < 2³¹, and every query's dimension and direction. A k beyond the number
// of points is left to the engine's own answer.
func (x *index) checkQuestion(queries ann.Vectors, k int) error {
	if x.adapter == nil {
		return errClosed
	}
	if k < 1 || k > math.MaxInt32 {
		return fmt.Errorf("k = %d: must be between 1 and %d", k, math.MaxInt32)
	}
	if queries.D != x.d {
		return fmt.Errorf("query has %d dimensions, the index %d", queries.D, x.d)
	}
	if err := x.o.Metric.Check(queries); err != nil {
		return fmt.Errorf("query: %w", err)
	}
	return nil
}
