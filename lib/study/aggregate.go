package study

import (
	"math"
	"slices"

	"anncapacity/lib/internal/parallel"
)

// records are the means over the queries, in the order of the queries, for every value of the condition and every k.
func (s *session) records(m *measurement) []Record {
	records := make([]Record, len(m.condition.Values)*len(s.ks))
	parallel.For(len(records), func(cell int) {
		i := cell % len(s.ks)
		value, k := m.condition.Values[cell/len(s.ks)], s.ks[i]
		records[cell] = Record{
			Index: m.index, Run: m.sample.run, Seed: m.sample.seed, Condition: m.condition.Number,
			Parameter: m.condition.Parameter, Value: value, K: k,
			EfSearch: m.condition.efSearch(value, k), EfConstruction: m.condition.efConstruction(value),
			Queries: len(m.points),
		}
		m.fill(&records[cell], cell, i)
	})
	return records
}

// fill sets the measures of one record: cell is its place in points, i the number of its k.
func (m *measurement) fill(r *Record, cell, i int) {
	exact := func(get func(e *exactPoint) float32) mean {
		return m.mean(func(q int) float32 { return get(&m.sample.exact[q][i]) })
	}
	of := func(get func(p *point) float32) mean {
		return m.mean(func(q int) float32 { return get(&m.points[q][cell]) })
	}
	k := float32(r.K)
	r.Overlap = of(func(p *point) float32 { return p.shared }).of() / float64(k)
	r.Fill = of(func(p *point) float32 { return p.found }).of() / float64(k)
	r.EmptyShare = of(func(p *point) float32 { return indicator(p.found < k) }).of()
	r.DistanceExact = exact(func(e *exactPoint) float32 { return e.distance }).of()
	r.DistanceANN = of(func(p *point) float32 { return p.distance }).of()
	r.DistanceRatio = of(func(p *point) float32 { return p.distanceRatio }).of()
	r.RadiusRatio = of(func(p *point) float32 { return p.radius }).of()
	r.BarycenterShift = of(func(p *point) float32 { return p.shift }).of()

	lidExact, lidANN := exact(func(e *exactPoint) float32 { return e.lid }), of(func(p *point) float32 { return p.lid })
	r.LIDExact, r.LIDExactHarmonic = lidExact.of(), lidExact.harmonic()
	r.LIDANN, r.LIDANNHarmonic = lidANN.of(), lidANN.harmonic()
	r.LID20Exact = exact(func(e *exactPoint) float32 { return e.lid20 }).of()
	r.LID20ANN = of(func(p *point) float32 { return p.lid20 }).of()
	r.LID100Exact = exact(func(e *exactPoint) float32 { return e.lid100 }).of()
	r.LID100ANN = of(func(p *point) float32 { return p.lid100 }).of()
	r.LIDMomentsExact = exact(func(e *exactPoint) float32 { return e.moments }).of()
	r.LIDMomentsANN = of(func(p *point) float32 { return p.moments }).of()

	overlap := m.tail(func(q int) float32 { return m.points[q][cell].shared / k })
	r.OverlapMedian, r.OverlapP01, r.OverlapP001, r.OverlapMin = overlap.median, overlap.p01, overlap.p001, overlap.min
	capacity := m.tail(func(q int) float32 { return m.points[q][cell].capacity })
	r.CapacityMedian, r.CapacityP01, r.CapacityP001, r.CapacityMin = capacity.median, capacity.p01, capacity.p001, capacity.min
	m.fillPublished(r, cell, i)
}

// fillPublished drops, as the paper's code did, a query from both mean distances when its own overflows.
func (m *measurement) fillPublished(r *Record, cell, i int) {
	r.PublishedDistanceExact = m.mean(func(q int) float32 {
		if isUndefined(m.points[q][cell].pubDistance) {
			return undefined
		}
		return m.sample.exact[q][i].pubDistance
	}).of()
	of := func(get func(p *point) float32) float64 {
		return m.mean(func(q int) float32 { return get(&m.points[q][cell]) }).of()
	}
	r.PublishedDistanceANN = of(func(p *point) float32 { return p.pubDistance })
	r.PublishedBarycenterShift = of(func(p *point) float32 { return p.pubShift })
	r.PublishedLIDExact = m.mean(func(q int) float32 { return m.sample.exact[q][i].pubLID }).of()
	r.PublishedLIDANN = of(func(p *point) float32 { return p.pubLID })
}

func indicator(yes bool) float32 {
	if yes {
		return 1
	}
	return 0
}

func isUndefined(x float32) bool { return x != x }

// mean adds up a measure over the queries at which it is defined.
type mean struct {
	sum, reciprocals float64
	n                int
}

func (m *measurement) mean(get func(q int) float32) (out mean) {
	for q := range m.points {
		if x := get(q); !isUndefined(x) {
			out.sum += float64(x)
			out.reciprocals += 1 / float64(x)
			out.n++
		}
	}
	return out
}

// of is the arithmetic mean, NaN over no query.
func (a mean) of() float64 { return a.sum / float64(a.n) }

// harmonic is the harmonic mean.
func (a mean) harmonic() float64 { return float64(a.n) / a.reciprocals }

// tail is the low end of a measure's distribution over queries.
type tail struct{ median, p01, p001, min float64 }

func (m *measurement) tail(get func(q int) float32) tail {
	values := make([]float32, len(m.points))
	for q := range values {
		values[q] = get(q)
	}
	slices.Sort(values)
	return tail{quantile(values, .5), quantile(values, .01), quantile(values, .001), float64(values[0])}
}

// quantile is the smallest value that at least the share p of the sorted values does not exceed.
func quantile(sorted []float32, p float64) float64 {
	return float64(sorted[max(0, int(math.Ceil(p*float64(len(sorted))))-1)])
}

func root(x float64) float64 { return math.Sqrt(x) }
