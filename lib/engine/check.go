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

// DefaultEfSearch is the efSearch of an index before the first call of SetEfSearch. It is the study's value.
const DefaultEfSearch = 50

// check sets the defaults of o. It returns an error if e cannot index base with these options.
func (e Engine) check(base ann.Vectors, o *Options) error {
	if base.N < 1 || base.D < 1 {
		return errors.New("no vectors to index")
	}
	if len(base.Data) != base.N*base.D {
		return fmt.Errorf("%d numbers do not make %d × %d", len(base.Data), base.N, base.D)
	}
	if o.Attributes != nil && len(o.Attributes) != base.N {
		return fmt.Errorf("%d attributes for %d vectors", len(o.Attributes), base.N)
	}
	if !slices.Contains(e.Metrics, o.Metric) {
		return fmt.Errorf("metric %v is not supported; the engine supports %v", o.Metric, e.Metrics)
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

// checkQueries returns an error if the index is closed, if k is not in 1 ≤ k < 2³¹, or if a query has another dimension than
// the index or is not valid for the metric. A k above the number of points is passed to the engine.
func (x *index) checkQueries(queries ann.Vectors, k int) error {
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
