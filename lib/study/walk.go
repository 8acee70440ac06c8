package study

import (
	"context"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
)

// measureWalks computes the measures of the project's own index under a condition, from one walk per query and graph. It
// calls answered after each query.
func measureWalks(ctx context.Context, d *Sample, c Condition, answered func()) (*measurement, error) {
	for _, value := range c.Values {
		if _, err := d.Graph(ctx, c.efConstruction(value)); err != nil {
			return nil, err
		}
	}
	m := newMeasurement(IndexHNSW, c, d, d.Base.N)
	return m, EachQuery(ctx, d.Order, func() (Ask, error) {
		w, err := newWorker(ctx, m)
		return func(q int) error {
			defer answered()
			return w.walk(q)
		}, err
	})
}

// worker holds the scratch space of one goroutine: walkers by efConstruction, and the growing answer and exact list of one
// query.
type worker struct {
	*measurement
	walkers map[int]*hnsw.Walker
	growth  *fidelity.Growth
	near    Visited
	efforts []int32
}

func newWorker(ctx context.Context, m *measurement) (*worker, error) {
	w := &worker{measurement: m, walkers: make(map[int]*hnsw.Walker), growth: m.sample.growth(), efforts: make([]int32, len(m.sample.Truth[0]))}
	for _, value := range m.condition.Values {
		efConstruction := m.condition.efConstruction(value)
		g, err := m.sample.Graph(ctx, efConstruction)
		if err != nil {
			return nil, err
		}
		if w.walkers[efConstruction], err = hnsw.NewWalker(g, hnsw.OnMatrix(m.sample.Matrix)); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// walk computes the measures of one query at every value of the condition. Values with the same graph share one walk.
func (w *worker) walk(q int) error {
	d, c := w.sample, w.condition
	w.growth.Begin(d.Truth[q], d.Matrix.Row(int32(q)))
	var walk *hnsw.Walk
	walked := 0
	for v, value := range c.Values {
		if efConstruction := c.efConstruction(value); efConstruction != walked {
			var err error
			if walk, err = w.walkers[efConstruction].Walk(ann.PointID(int32(q)), c.maxEfSearch(efConstruction, w.ks)); err != nil {
				return err
			}
			walk.Efforts(d.Truth[q], w.efforts)
			walked = efConstruction
		}
		w.measure(v, walk, q)
	}
	return nil
}

// measure computes the measures of one query at value number v and every k, in ascending order of k.
func (w *worker) measure(v int, walk *hnsw.Walk, q int) {
	c, value := w.condition, w.condition.Values[v]
	w.near.Reset(int32(q), len(w.efforts))
	w.growth.Restart()
	reached := 0
	for i, k := range w.ks {
		if ef := c.efSearch(value, k); ef != reached {
			same := w.near.Advance(walk, ef)
			list := w.near.List
			if c.Parameter == Alpha { // the next k has another efSearch
				list = list[:min(k, len(list))]
			}
			w.growth.Visited(list, same, w.near.Capacity, w.efforts, ef)
			reached = ef
		}
		w.growth.Measure(k, w.at(q, v, i))
	}
}
