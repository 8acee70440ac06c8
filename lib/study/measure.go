package study

import (
	"runtime"

	"golang.org/x/sync/errgroup"

	"anncapacity/lib/fidelity"
)

// measurement holds the measures of all queries of one run under one condition. Row v·len(ks)+i of values[q] belongs to
// query q, value number v and k number i. Each query writes its own values, so the result does not depend on the order of
// computation.
type measurement struct {
	index     string
	condition Condition
	sample    *Sample
	ks        []int
	values    [][]float32
}

func newMeasurement(index string, c Condition, d *Sample, queries int) *measurement {
	m := &measurement{index: index, condition: c, sample: d, ks: Ks(), values: make([][]float32, queries)}
	size := len(c.Values) * len(m.ks) * len(fidelity.Measures)
	all := make([]float32, queries*size)
	for q := range m.values {
		m.values[q] = all[q*size : (q+1)*size]
	}
	return m
}

// at returns the row of query q, value number v and k number i.
func (m *measurement) at(q, v, i int) []float32 { return row(m.values[q], v*len(m.ks)+i) }

// records returns the statistics over the queries for every value of the condition and every k.
func (m *measurement) records() []Record {
	records := make([]Record, len(m.condition.Values)*len(m.ks))
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for v := range m.condition.Values {
		for i := range m.ks {
			work.Go(func() error {
				records[v*len(m.ks)+i] = m.record(v, i)
				return nil
			})
		}
	}
	work.Wait()
	return records
}

func (m *measurement) record(v, i int) Record {
	c, value, k := m.condition, m.condition.Values[v], m.ks[i]
	return Record{
		Index: m.index, Run: m.sample.Run, Seed: m.sample.Seed, Condition: c.Number, Parameter: c.Parameter, Value: value, K: k,
		EfSearch: c.efSearch(value, k), EfConstruction: c.efConstruction(value), Queries: len(m.values),
		Values: fidelity.Summarize(k, len(m.values),
			func(q int) []float32 { return m.at(q, v, i) },
			func(q int) []float32 { return row(m.sample.exact[q], i) }),
	}
}
