package study

import (
	"context"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine/coderhnsw"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/parallel"
)

// coder/hnsw must be asked every k anew and is slow: it is asked one query in ten, in one run.
const (
	coderRuns  = 1
	coderShare = 10
)

// measurement is what all queries of one run measured under one condition: points[q][v·len(ks)+i] belongs to query q,
// value v and k number i. Each query writes its own, so the order of computation leaves no trace.
type measurement struct {
	index     string
	condition Condition
	sample    *sample
	points    [][]point
}

func (s *session) newMeasurement(index string, c Condition, d *sample) *measurement {
	m := &measurement{index: index, condition: c, sample: d, points: make([][]point, s.queries(index))}
	cells := len(c.Values) * len(s.ks)
	all := make([]point, len(m.points)*cells)
	for q := range m.points {
		m.points[q] = all[q*cells : (q+1)*cells]
	}
	return m
}

// worker is the scratch of one core: a query's exact list, its answer, and the running sums over both.
type worker struct {
	s            *session
	d            *sample
	exact        []near
	exactSums    *sums
	answer       neighborhood
	answerSums   *sums
	shift        *shift
	efforts      []int32
	coderAnswers []near
}

func (s *session) newWorker(d *sample) *worker {
	most := s.ks[len(s.ks)-1]
	return &worker{s: s, d: d, exactSums: newSums(most), answerSums: newSums(most), shift: newShift(d.base), efforts: make([]int32, most)}
}

// begin turns to query q.
func (w *worker) begin(q int) {
	w.exact = exactList(w.d.truth[q], w.d.matrix.Row(int32(q)), w.exact[:0])
	w.exactSums.of(w.exact, 0)
}

// measureHNSW takes every answer of a condition from one walk per query and graph.
func (s *session) measureHNSW(ctx context.Context, d *sample, c Condition) (*measurement, error) {
	if err := d.build(ctx, c); err != nil {
		return nil, err
	}
	m := s.newMeasurement(IndexHNSW, c, d)
	space := hnsw.OnMatrix(d.matrix)
	return m, s.eachQuery(ctx, d.order, func() (ask, error) {
		walkers := make(map[int]*hnsw.Walker)
		for efConstruction, g := range d.graphs {
			w, err := hnsw.NewWalker(g, space)
			if err != nil {
				return nil, err
			}
			walkers[efConstruction] = w
		}
		w := s.newWorker(d)
		return func(q int) error {
			w.begin(q)
			defer s.bar.Add(1)
			return w.walk(c, walkers, q, m.points[q])
		}, nil
	})
}

// walk measures every value of the condition for one query. Values on one graph share its walk.
func (w *worker) walk(c Condition, walkers map[int]*hnsw.Walker, q int, out []point) error {
	var walk *hnsw.Walk
	walked := 0
	for v, value := range c.Values {
		if efConstruction := c.efConstruction(value); efConstruction != walked {
			most := 0
			for _, other := range c.Values {
				if c.efConstruction(other) == efConstruction {
					most = max(most, c.maxEffort(other, w.s.ks))
				}
			}
			var err error
			if walk, err = walkers[efConstruction].Walk(ann.PointID(int32(q)), most); err != nil {
				return err
			}
			walk.Efforts(w.d.truth[q], w.efforts)
			walked = efConstruction
		}
		w.follow(c, value, walk, q, out[v*len(w.s.ks):(v+1)*len(w.s.ks)])
	}
	return nil
}

// follow measures one value of the condition at every k, from small to large, as the neighbourhood grows.
func (w *worker) follow(c Condition, value float64, walk *hnsw.Walk, q int, out []point) {
	w.answer.reset(int32(q), len(w.exact))
	w.shift.reset()
	reached, shared, from := 0, 0, 0
	for i, k := range w.s.ks {
		if ef := c.efSearch(value, k); ef != reached {
			same := w.answer.advance(walk, ef)
			w.answerSums.of(w.answer.first(w.lastK(c, k)), same)
			reached, shared, from = ef, 0, 0
		}
		shared += fidelity.Reached(w.efforts[from:k], reached)
		from = k
		out[i] = w.point(w.answer.first(k), k)
		out[i].shared, out[i].capacity = float32(shared), float32(w.answer.capacity)
	}
}

// lastK is the largest k that is asked with the efSearch of k.
func (w *worker) lastK(c Condition, k int) int {
	if c.Parameter == Alpha {
		return k
	}
	return len(w.exact)
}

// point measures an answer to k whose running sums stand in answerSums.
func (w *worker) point(answer []near, k int) point {
	n := len(answer)
	p := w.answerSums.point(n, k, w.exactSums)
	w.shift.step(w.exact[:k], answer)
	e := w.exactSums.squared[k] / float64(k)
	p.shift, p.pubShift = undefined, undefined
	if e > 0 {
		p.shift = float32(w.shift.barycenter(n, k) / root(e))
		p.pubShift = float32(w.shift.published(n, k) / e)
	}
	return p
}

// measureCoder asks coder/hnsw each k anew, as its user must: k bounds its exploration.
func (s *session) measureCoder(ctx context.Context, d *sample, c Condition) (*measurement, error) {
	built, err := coderhnsw.New(ctx, d.base, coderhnsw.Options{M: M, EfConstruction: c.EfConstruction, Seed: d.seed})
	if err != nil {
		return nil, err
	}
	m := s.newMeasurement(IndexCoderHNSW, c, d)
	return m, s.eachQuery(ctx, firstIDs(len(m.points)), func() (ask, error) {
		w := s.newWorker(d)
		return func(q int) error {
			w.begin(q)
			defer s.bar.Add(1)
			return w.askCoder(built, c, q, m.points[q])
		}, nil
	})
}

func (w *worker) askCoder(built *coderhnsw.Index, c Condition, q int, out []point) error {
	for v, value := range c.Values {
		w.shift.reset()
		for i, k := range w.s.ks {
			index, err := built.WithEfSearch(c.efSearch(value, k))
			if err != nil {
				return err
			}
			answer, err := index.Search(ann.Point(w.d.base, int32(q)), k)
			if err != nil {
				return err
			}
			w.coderAnswers = membersOf(answer, w.coderAnswers[:0])
			w.answerSums.of(w.coderAnswers, 0)
			p := w.point(w.coderAnswers, k)
			p.shared, p.capacity = float32(fidelity.Shared(w.d.truth[q], answer, k)), float32(len(answer))
			out[v*len(w.s.ks)+i] = p
		}
	}
	return nil
}

// firstIDs are 0 … n−1.
func firstIDs(n int) []int32 {
	ids := make([]int32, n)
	for i := range ids {
		ids[i] = int32(i)
	}
	return ids
}

// ask measures one query.
type ask func(q int) error

// eachQuery asks every query once, on every core. prepare makes the scratch of one core.
func (s *session) eachQuery(ctx context.Context, queries []int32, prepare func() (ask, error)) error {
	return parallel.Each(ctx, len(queries), func() (func(i int) error, error) {
		ask, err := prepare()
		return func(i int) error { return ask(int(queries[i])) }, err
	})
}
