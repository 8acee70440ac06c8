package fidelity

import (
	"math"
	"slices"
)

// Summarize returns the statistics over n queries at one k. answers and exact must return the values of query q in the order
// of Measures, as computed by Growth.Measure and Growth.MeasureExact.
func Summarize(k, n int, answers, exact func(q int) []float32) Values {
	totals := make([]means, len(Measures))
	for q := range n {
		a, e := answers(q), exact(q)
		for i := range totals {
			totals[i].add(a[i], e[i])
		}
	}
	out := make(Values, len(columns()))
	for i, m := range Measures {
		of, slots := totals[i], 1
		if m.Slots {
			slots = k
		}
		if m.Paired {
			of.exact = of.paired
		}
		out.put(m.ExactMean, of.exact.arithmetic()/float64(slots))
		out.put(m.Mean, of.answer.arithmetic()/float64(slots))
		out.put(m.ExactHarmonicMean, of.exact.harmonic()/float64(slots))
		out.put(m.HarmonicMean, of.answer.harmonic()/float64(slots))
		if (m.Tail != Tail{}) {
			out.putTail(m.Tail, n, func(q int) float32 { return answers(q)[i] / float32(slots) })
		}
	}
	return out
}

// put sets the number in a column, unless the column is zero.
func (v Values) put(c Column, x float64) {
	if (c != Column{}) {
		v[position(c)] = x
	}
}

func (v Values) putTail(t Tail, n int, value func(q int) float32) {
	values := make([]float32, n)
	for q := range values {
		values[q] = value(q)
	}
	slices.Sort(values)
	v.put(t.Median, quantile(values, .5))
	v.put(t.P01, quantile(values, .01))
	v.put(t.P001, quantile(values, .001))
	v.put(t.Min, float64(values[0]))
}

// quantile returns the smallest of the sorted values that at least a share p of them does not exceed.
func quantile(sorted []float32, p float64) float64 {
	return float64(sorted[max(0, int(math.Ceil(p*float64(len(sorted))))-1)])
}

// means accumulates the values of one measure over queries.
type means struct {
	answer, exact mean
	paired        mean // of the exact lists of queries whose answer has a value
}

func (m *means) add(answer, exact float32) {
	if !isUndefined(answer) {
		m.answer.add(answer)
	}
	if !isUndefined(exact) {
		m.exact.add(exact)
		if !isUndefined(answer) {
			m.paired.add(exact)
		}
	}
}

// mean accumulates values.
type mean struct {
	sum, reciprocals float64
	n                int
}

func (m *mean) add(x float32) {
	m.sum += float64(x)
	m.reciprocals += 1 / float64(x)
	m.n++
}

// arithmetic returns the arithmetic mean, or NaN if there are no values.
func (m mean) arithmetic() float64 { return m.sum / float64(m.n) }

// harmonic returns the harmonic mean, or NaN if there are no values.
func (m mean) harmonic() float64 { return float64(m.n) / m.reciprocals }

func isUndefined(x float32) bool { return x != x }
