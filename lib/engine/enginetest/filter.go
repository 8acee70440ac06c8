package enginetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

const (
	half       = points / 2
	filteredEf = 200
)

// attributed returns an attribute for each point. They are 0 … points−1, and independent of the positions.
func attributed() []int32 {
	all := make([]int32, points)
	for i := range all {
		all[i] = int32(i * 7 % points)
	}
	return all
}

// filters tests AskBelow: among the half of the points that match, answers are full and as good as without a filter. An engine
// without a filter says so.
func filters(t *testing.T, e engine.Engine, w Want) {
	base, asked, attributes := Gaussian(points, dimensions, 11), Gaussian(queries, dimensions, 12), attributed()
	x := Build(t, e, base, engine.Options{Metric: e.Metrics[0], M: 16, EfConstruction: 100, Seed: 1, Attributes: attributes})
	setEf(t, x, filteredEf)
	if e.Filter == "" {
		_, err := x.AskBelow(t.Context(), asked.Row(0), k, half)
		unsupported(t, e, err, "a filtered search")
		return
	}
	of := questions{base, asked, e.Metrics[0], cmp.Or(w.Filtered, leastFiltered)}
	among := func(below int32) func(int32) bool { return func(id int32) bool { return attributes[id] < below } }
	ask := func(below int32) func([]float32) (engine.Answer, error) {
		return func(q []float32) (engine.Answer, error) { return x.AskBelow(t.Context(), q, k, below) }
	}
	if w.ShortFilter {
		a, err := ask(half)(asked.Row(0))
		if err != nil || len(a.IDs) >= k || slices.ContainsFunc(a.IDs, func(id int32) bool { return !among(half)(id) }) {
			t.Errorf("%v, %v: fewer than %d points were expected, all of which match", a.IDs, err, k)
		}
		return
	}
	if w.IgnoresFilter {
		if a, err := ask(half)(asked.Row(0)); err != nil || !slices.ContainsFunc(a.IDs, func(id int32) bool { return !among(half)(id) }) {
			t.Errorf("%v, %v: points that do not match were expected", a.IDs, err)
		}
		return
	}
	t.Run("half match", func(t *testing.T) { of.onlyAmong(t, ask(half), among(half)) })
	t.Run("all match", func(t *testing.T) { of.onlyAmong(t, ask(points), among(points)) })
	t.Run("none match", func(t *testing.T) {
		a, err := x.AskBelow(t.Context(), asked.Row(0), k, 0)
		if err == nil && slices.ContainsFunc(a.IDs, func(id int32) bool { return id != engine.Padding }) {
			t.Errorf("%v, although no point matches", a.IDs)
		}
	})
	badFilters(t, e, x, base)
}

func badFilters(t *testing.T, e engine.Engine, x engine.Index, base ann.Vectors) {
	_, err := x.AskBelow(t.Context(), make([]float32, dimensions+1), k, half)
	names(t, e, err, "a filtered query of another dimension")
	_, err = x.AskBelow(t.Context(), base.Row(0), 0, half)
	names(t, e, err, "a filtered search with k = 0")
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = x.AskBelow(stopped, base.Row(0), k, half)
	names(t, e, err, "a filtered search under a context that has ended")
	_, err = e.Build(t.Context(), base, engine.Options{Metric: e.Metrics[0], Attributes: make([]int32, 3)})
	names(t, e, err, "3 attributes")
	without := Build(t, e, Gaussian(100, 8, 13), engine.Options{Metric: e.Metrics[0]})
	_, err = without.AskBelow(t.Context(), make([]float32, 8), 5, 1)
	names(t, e, err, "a filtered search without attributes")
}

// deletions tests Delete: half of the points are deleted in two calls, none of them returns, and answers are full and as good
// as before. An engine without a deletion says so.
func deletions(t *testing.T, e engine.Engine, w Want) {
	base, asked, attributes := Gaussian(points, dimensions, 14), Gaussian(queries, dimensions, 15), attributed()
	x := Build(t, e, base, engine.Options{Metric: e.Metrics[0], M: 16, EfConstruction: 100, Seed: 1})
	setEf(t, x, filteredEf)
	if e.Delete == "" {
		unsupported(t, e, x.Delete(t.Context(), []int32{0}), "a deletion")
		return
	}
	names(t, e, x.Delete(t.Context(), []int32{1, points}), "deletion of an ID that is none")
	names(t, e, x.Delete(t.Context(), []int32{-1}), "deletion of ID -1")
	names(t, e, x.Delete(t.Context(), []int32{2, 2}), "deletion of an ID twice")
	of := questions{base, asked, e.Metrics[0], cmp.Or(w.Filtered, leastFiltered)}
	ask := func(q []float32) (engine.Answer, error) { return x.Ask(t.Context(), q, k) }
	for _, limit := range []int32{10, half} {
		var ids []int32
		for id, a := range attributes {
			if a < limit && (limit == 10 || a >= 10) {
				ids = append(ids, int32(id))
			}
		}
		if err := x.Delete(t.Context(), ids); err != nil {
			t.Fatal(err)
		}
		remains := func(id int32) bool { return attributes[id] >= limit }
		if w.ShortAfterDelete {
			of.only(t, ask, remains)
		} else {
			of.onlyAmong(t, ask, remains)
		}
		names(t, e, x.Delete(t.Context(), ids[:1]), "deletion of an ID that is deleted")
	}
	for i := range points { // a deleted point is no neighbour of itself
		if attributes[i] < 10 {
			if a, err := ask(base.Row(i)); err != nil || slices.Contains(a.IDs, int32(i)) {
				t.Errorf("the deleted point %d: %v, %v", i, a.IDs, err)
			}
		}
	}
	if err := x.Delete(t.Context(), nil); err != nil {
		t.Errorf("deletion of nothing: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	names(t, e, x.Delete(t.Context(), []int32{3}), "a deletion after Close")
}

func setEf(t *testing.T, x engine.Index, ef int) {
	t.Helper()
	if err := x.SetEfSearch(ef); err != nil {
		t.Fatal(err)
	}
}

func unsupported(t *testing.T, e engine.Engine, err error, what string) {
	t.Helper()
	if names(t, e, err, what); !errors.Is(err, engine.ErrUnsupported) {
		t.Errorf("%s: %v, want ErrUnsupported", what, err)
	}
}

// leastFiltered is the default of Want.Filtered.
const leastFiltered = .9

// questions are queries to an index of base.
type questions struct {
	base, asked ann.Vectors
	metric      ann.Metric
	least       float64 // minimum recall
}

// onlyAmong checks that the answers to all queries are full, hold only points that may be answers, and hold the nearest of them.
func (of questions) onlyAmong(t *testing.T, ask func([]float32) (engine.Answer, error), may func(int32) bool) {
	t.Helper()
	recall := 0.0
	for i := range of.asked.N {
		a, err := ask(of.asked.Row(i))
		if err != nil {
			t.Fatal(err)
		}
		valid(t, a, of.base.N, k)
		if len(a.IDs) != k || slices.Contains(a.IDs, engine.Padding) {
			t.Fatalf("query %d: %v are not %d answers", i, a.IDs, k)
		}
		if j := slices.IndexFunc(a.IDs, func(id int32) bool { return !may(id) }); j >= 0 {
			t.Fatalf("query %d: answer %d may not be one", i, a.IDs[j])
		}
		truth := BruteForce(of.base, of.asked.Row(i), of.base.N, of.metric)
		truth = slices.DeleteFunc(truth, func(n ann.Neighbor) bool { return !may(n.ID) })
		recall += Overlap(a, truth[:k]) / float64(of.asked.N)
	}
	if t.Logf("recall@%d at effort %d: %.3f", k, filteredEf, recall); recall < of.least {
		t.Errorf("recall %.3f, at least %.2f is expected", recall, of.least)
	}
}

// only checks that the answers to all queries hold only points that may be answers.
func (of questions) only(t *testing.T, ask func([]float32) (engine.Answer, error), may func(int32) bool) {
	t.Helper()
	for i := range of.asked.N {
		a, err := ask(of.asked.Row(i))
		if err != nil {
			t.Fatal(err)
		}
		valid(t, a, of.base.N, k)
		if j := slices.IndexFunc(a.IDs, func(id int32) bool { return !may(id) }); j >= 0 {
			t.Fatalf("query %d: answer %d may not be one", i, a.IDs[j])
		}
	}
}
