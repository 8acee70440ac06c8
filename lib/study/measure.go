package study

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine/coderhnsw"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
)

// coder/hnsw takes about a thousand times as long as a walk, which answers every (k, efSearch) at once: it is asked
// fewer queries, in one run.
const (
	coderRuns    = 1
	coderQueries = 1000
)

// tally is what the queries of one setting add up to, at each k. Sums of whole numbers do not depend on the order.
type tally struct{ shared, filled, short []int64 }

func newTallies(settings, ks int) []tally {
	tallies := make([]tally, settings)
	for i := range tallies {
		tallies[i] = tally{make([]int64, ks), make([]int64, ks), make([]int64, ks)}
	}
	return tallies
}

// add counts one answer to k at ks[i]: how many exact neighbours it shares, and how many it holds.
func (t tally) add(i, k, shared, found int) {
	t.shared[i] += int64(shared)
	t.filled[i] += int64(min(found, k))
	if found < k {
		t.short[i]++
	}
}

func (t tally) merge(other tally) {
	for i := range t.shared {
		t.shared[i] += other.shared[i]
		t.filled[i] += other.filled[i]
		t.short[i] += other.short[i]
	}
}

// records are the means over the queries, for every value of the condition and every k.
func (s *session) records(d *sample, index string, c Condition, tallies []tally) []Record {
	queries := s.queries(index)
	var records []Record
	for v, value := range c.Values {
		for i, k := range s.ks {
			slots := float64(queries) * float64(k)
			records = append(records, Record{
				Index: index, Run: d.run, Seed: d.seed, Condition: c.Number, Parameter: c.Parameter, Value: value,
				K: k, EfSearch: c.efSearch(value, k), Queries: queries,
				Overlap:    float64(tallies[v].shared[i]) / slots,
				Fill:       float64(tallies[v].filled[i]) / slots,
				EmptyShare: float64(tallies[v].short[i]) / float64(queries),
			})
		}
	}
	return records
}

// measureHNSW builds the project's index on the run's matrix and takes every answer from one walk per query.
func (s *session) measureHNSW(ctx context.Context, d *sample, c Condition) ([]Record, error) {
	space := hnsw.OnMatrix(d.matrix)
	g, err := hnsw.Build(ctx, space, hnsw.Options{M: M, EfConstruction: c.EfConstruction, Seed: d.seed})
	if err != nil {
		return nil, err
	}
	total := newTallies(len(c.Values), len(s.ks))
	effort := c.maxEffort(s.ks)
	err = s.eachQuery(ctx, s.queries(IndexHNSW), total, func() (ask, error) {
		w, err := hnsw.NewWalker(g, space)
		efforts := make([]int32, s.ks[len(s.ks)-1])
		return func(q int, tallies []tally) error {
			walk, err := w.Walk(ann.PointID(int32(q)), effort)
			if err != nil {
				return err
			}
			walk.Efforts(d.truth[q], efforts)
			s.addWalk(c, walk, efforts, tallies)
			return nil
		}, err
	})
	return s.records(d, IndexHNSW, c, total), err
}

// addWalk counts the answer that the policy Pad gives to every (value, k).
func (s *session) addWalk(c Condition, walk *hnsw.Walk, efforts []int32, tallies []tally) {
	for v, value := range c.Values {
		ef, from, shared, capacity := 0, 0, 0, 0
		for i, k := range s.ks {
			if e := c.efSearch(value, k); e != ef {
				ef, from, shared, capacity = e, 0, 0, walk.Capacity(e)
			}
			shared += fidelity.Reached(efforts[from:k], ef)
			from = k
			tallies[v].add(i, k, shared, capacity)
		}
	}
}

// measureCoder asks coder/hnsw each k anew, as its user must: k bounds its exploration.
func (s *session) measureCoder(ctx context.Context, d *sample, c Condition) ([]Record, error) {
	built, err := coderhnsw.New(ctx, d.base, coderhnsw.Options{M: M, EfConstruction: c.EfConstruction, Seed: d.seed})
	if err != nil {
		return nil, err
	}
	indexes := make([]*coderhnsw.Index, len(c.Values))
	for v, value := range c.Values {
		if indexes[v], err = built.WithEfSearch(c.efSearch(value, 0)); err != nil {
			return nil, err
		}
	}
	total := newTallies(len(c.Values), len(s.ks))
	err = s.eachQuery(ctx, s.queries(IndexCoderHNSW), total, func() (ask, error) {
		return func(q int, tallies []tally) error {
			for v, index := range indexes {
				for i, k := range s.ks {
					answer, err := index.Search(ann.Point(d.base, int32(q)), k)
					if err != nil {
						return err
					}
					tallies[v].add(i, k, fidelity.Shared(d.truth[q], answer, k), len(answer))
				}
			}
			return nil
		}, nil
	})
	return s.records(d, IndexCoderHNSW, c, total), err
}

// ask adds the answers to query q to one core's tallies.
type ask func(q int, tallies []tally) error

// eachQuery asks every query, on every core, and adds all tallies up in total. prepare makes the scratch of one core.
func (s *session) eachQuery(ctx context.Context, queries int, total []tally, prepare func() (ask, error)) error {
	var (
		next  atomic.Int64
		wg    sync.WaitGroup
		mu    sync.Mutex
		first error
	)
	work := func() error {
		ask, err := prepare()
		if err != nil {
			return err
		}
		own := newTallies(len(total), len(s.ks))
		for q := int(next.Add(1)) - 1; q < queries; q = int(next.Add(1)) - 1 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := ask(q, own); err != nil {
				return err
			}
			s.bar.add(1)
		}
		mu.Lock()
		defer mu.Unlock()
		for v := range total {
			total[v].merge(own[v])
		}
		return nil
	}
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			if err := work(); err != nil {
				mu.Lock()
				defer mu.Unlock()
				if first == nil {
					first = err
				}
				next.Store(int64(queries))
			}
		})
	}
	wg.Wait()
	return first
}
