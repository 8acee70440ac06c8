package scann

import (
	"math"
	"slices"
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
		Recall: map[ann.Metric]float64{ann.Euclidean: .8, ann.Cosine: .8, ann.InnerProduct: .8},
		Beyond: enginetest.Short, Filtered: .8,
	})
	t.Run("truncated", func(t *testing.T) { truncated(t, kept) })
}

// An answer has efSearch points, with squared distances. In a batch, the other slots hold point 0 at distance NaN, as
// documented: this test fails for a release without that.
func truncated(t *testing.T, x engine.Index) {
	base := enginetest.Gaussian(500, 64, 1)
	query := base.Row(7)
	if err := x.SetEfSearch(50); err != nil {
		t.Fatal(err)
	}
	a, err := x.Ask(t.Context(), query, 120)
	if err != nil || len(a.IDs) != 50 || a.IDs[0] != 7 {
		t.Fatalf("%+v, %v", a, err)
	}
	d := ann.L2(query, base.Row(int(a.IDs[1])))
	if math.Abs(float64(a.Distances[1]-d*d)) > 1e-3 {
		t.Errorf("the second point is at %v, and ScaNN says %v", d*d, a.Distances[1])
	}
	batch, err := x.AskBatch(t.Context(), ann.Vectors{N: 2, D: 64, Data: slices.Concat(base.Row(3), query)}, 120)
	if err != nil || len(batch[1].IDs) != 120 || !slices.Equal(batch[1].IDs[:50], a.IDs) {
		t.Fatalf("%+v, %v", batch, err)
	}
	for i := 50; i < 120; i++ {
		if batch[1].IDs[i] != 0 || batch[1].Distances[i] == batch[1].Distances[i] {
			t.Fatalf("slot %d: point %d at %v", i, batch[1].IDs[i], batch[1].Distances[i])
		}
	}
}
