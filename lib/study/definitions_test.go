package study

import (
	"math"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
)

// What walks measure is what the definitions in package fidelity give, query by query, list by list, with exact duplicates of
// queries among the points and with answers that are short.
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
		t.Error("no answer was short: the test does not test what it says")
	}
}

// compareWalks compares one value of a condition at some queries and k, and counts the short answers.
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

// compareMeasures holds the values of an answer and of the exact list against the definitions.
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

// vectorsWithDuplicates is vectors with every tenth a copy of its neighbour in the file.
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

// same is equality to five digits; a shift below 1e-5 radii is rounding on either side.
func same(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-5+2e-5*math.Abs(want) {
		t.Errorf("%s: %v, by definition %v", name, got, want)
	}
}
