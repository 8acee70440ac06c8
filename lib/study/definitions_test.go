package study

import (
	"math"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
)

// The values computed from walks equal the definitions in package fidelity for every query and list, with exact duplicates
// of queries among the points and with short answers.
func TestWalksMeasureTheDefinitions(t *testing.T) {
	s, err := Open(t.Context(), Options{Embeddings: vectorsWithDuplicates(t, 700), Out: t.TempDir(), Runs: 1, Subset: 650}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	d, err := s.Draw(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.measureExact(t.Context()); err != nil {
		t.Fatal(err)
	}
	short := 0
	for _, c := range s.conditions {
		m, err := measureWalks(t.Context(), d, c, func() {})
		if err != nil {
			t.Fatal(err)
		}
		for v := range c.Values {
			short += compareWalks(t, m, v)
		}
	}
	if short == 0 {
		t.Error("no answer was short: short answers were not tested")
	}
}

// compareWalks compares one value of a condition at some queries and k, and returns the number of short answers.
func compareWalks(t *testing.T, m *measurement, v int) (short int) {
	t.Helper()
	d, c, value := m.sample, m.condition, m.condition.Values[v]
	truth, err := d.Matrix.Neighbors(500)
	if err != nil {
		t.Fatal(err)
	}
	w, err := hnsw.NewWalker(d.graphs[c.efConstruction(value)], hnsw.OnMatrix(d.Matrix))
	if err != nil {
		t.Fatal(err)
	}
	for q := 0; q < len(m.values); q += 37 {
		walk, err := w.Walk(ann.PointID(int32(q)), 2000)
		if err != nil {
			t.Fatal(err)
		}
		for i, k := range m.ks {
			if i%7 != 0 && i != 49 {
				continue
			}
			ef := c.efSearch(value, k)
			answer, err := walk.Answer(hnsw.Pad, k, ef)
			if err != nil {
				t.Fatal(err)
			}
			if len(answer) < k {
				short++
			}
			l := fidelity.Lists{Base: d.Base, K: k, Truth: truth[q][:k], Answer: answer, Visited: walk.Capacity(ef)}
			compareMeasures(t, m.at(q, v, i), row(d.exact[q], i), l)
		}
	}
	return short
}

// compareMeasures compares the values of an answer and of the exact list with the definitions.
func compareMeasures(t *testing.T, got, exact []float32, l fidelity.Lists) {
	t.Helper()
	got = slices.Clone(got)
	ofTruth := l
	ofTruth.Answer = l.Truth
	for i, m := range fidelity.Measures {
		if m.Slots {
			got[i] /= float32(l.K)
		}
		same(t, m.Label, float64(got[i]), orUndefined(m.Definition(l)))
		if m.List != nil {
			same(t, "exact "+m.Label, float64(exact[i]), orUndefined(m.Definition(ofTruth)))
		}
	}
}

// vectorsWithDuplicates is like vectors, but every tenth row is a copy of the row before it.
func vectorsWithDuplicates(t *testing.T, n int) string {
	t.Helper()
	return vectorsChanged(t, n, func(v ann.Vectors) {
		for i := 10; i < n; i += 10 {
			copy(v.Row(i), v.Row(i-1))
		}
	})
}

func orUndefined(x float64, ok bool) float64 {
	if !ok {
		return math.NaN()
	}
	return x
}

// same fails unless got and want agree in about five digits; an absolute difference of 1e-5 counts as rounding.
func same(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-5+2e-5*math.Abs(want) {
		t.Errorf("%s: %v, by definition %v", name, got, want)
	}
}
