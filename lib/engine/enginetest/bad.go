package enginetest

import (
	"context"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

func badQuestions(t *testing.T, e engine.Engine) {
	base := Gaussian(100, 8, 4)
	x := Build(t, e, base, engine.Options{Metric: e.Metrics[0]})
	_, err := x.Ask(t.Context(), make([]float32, 7), 5)
	names(t, e, err, "a query of 7 dimensions")
	_, err = x.AskBatch(t.Context(), Gaussian(3, 9, 5), 5)
	names(t, e, err, "queries of 9 dimensions")
	_, err = x.Ask(t.Context(), base.Row(0), 0)
	names(t, e, err, "k = 0")
	names(t, e, x.SetEfSearch(0), "efSearch 0")
	s := engine.Searcher{Index: x, Name: e.Name, Base: base, Metric: e.Metrics[0]}
	_, err = s.Search(ann.Point(base, 0), base.N)
	names(t, e, err, "k = n")
	if err := x.SetEfSearch(200); err != nil {
		t.Fatal(err)
	}
	if a, err := x.Ask(t.Context(), base.Row(0), base.N+50); err != nil {
		names(t, e, err, "k > n")
	} else {
		valid(t, a, base.N, base.N+50)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = x.Ask(stopped, base.Row(0), 5)
	names(t, e, err, "a question under a context that has ended")
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	_, err = x.Ask(t.Context(), base.Row(0), 5)
	names(t, e, err, "a question after Close")
	_, err = x.AskBatch(t.Context(), base, 5)
	names(t, e, err, "a batch after Close")
	names(t, e, x.SetEfSearch(5), "SetEfSearch after Close")
	if size := x.Size(); size != (engine.Size{}) {
		t.Errorf("size after Close: %+v", size)
	}
}

func badSets(t *testing.T, e engine.Engine) {
	_, err := e.Build(t.Context(), ann.Vectors{}, engine.Options{Metric: e.Metrics[0]})
	names(t, e, err, "the empty set")
	_, err = e.Build(t.Context(), Gaussian(10, 4, 6), engine.Options{Metric: ann.Metric(99)})
	names(t, e, err, "an unknown metric")
	if slices.Contains(e.Metrics, ann.Cosine) {
		_, err = e.Build(t.Context(), ann.Vectors{N: 2, D: 2, Data: []float32{1, 1, 0, 0}}, engine.Options{Metric: ann.Cosine})
		names(t, e, err, "a zero vector under the cosine")
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if x, err := e.Build(stopped, Gaussian(points, dimensions, 7), engine.Options{Metric: e.Metrics[0]}); err == nil {
		x.Close()
		t.Error("a stopped build gave an index")
	}
}
