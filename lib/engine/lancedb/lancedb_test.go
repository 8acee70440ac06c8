package lancedb

import (
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
)

// The whole test uses one process.
func TestEngine(t *testing.T) {
	e := Engines()[0]
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	kept := enginetest.Build(t, e, enginetest.Gaussian(500, 64, 1), engine.Options{})
	enginetest.Run(t, e, enginetest.Want{
		Recall: map[ann.Metric]float64{ann.Euclidean: .95, ann.Cosine: .95, ann.InnerProduct: .9},
		Beyond: enginetest.Error,
	})
	t.Run("rejected", func(t *testing.T) { rejected(t, kept) })
}

// A search with ef < k is LanceDB's own error; one with ef = k has that many answers, with squared distances, nearest first. A
// batch has the same answers.
func rejected(t *testing.T, x engine.Index) {
	base := enginetest.Gaussian(500, 64, 1)
	query := base.Row(7)
	_, err := x.Ask(t.Context(), query, engine.DefaultEfSearch+1)
	if err == nil || !strings.Contains(err.Error(), "ef must be greater than or equal to k") {
		t.Error(err)
	}
	a, err := x.Ask(t.Context(), query, engine.DefaultEfSearch)
	if err != nil || len(a.IDs) != engine.DefaultEfSearch || a.IDs[0] != 7 || a.Distances[0] != 0 || !slices.IsSorted(a.Distances) {
		t.Fatalf("%+v, %v", a, err)
	}
	d := ann.L2(query, base.Row(int(a.IDs[1])))
	if max(a.Distances[1]-d*d, d*d-a.Distances[1]) > 1e-3 {
		t.Errorf("the second point is at %v, and LanceDB says %v", d*d, a.Distances[1])
	}
	batch, err := x.AskBatch(t.Context(), ann.Vectors{N: 2, D: 64, Data: slices.Concat(base.Row(3), query)}, engine.DefaultEfSearch)
	if err != nil || batch[0].IDs[0] != 3 || !slices.Equal(batch[1].IDs, a.IDs) {
		t.Errorf("%+v, %v", batch, err)
	}
}
