package pynndescent

import (
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
)

// The whole test uses one process, which compiles for a minute or more.
func TestEngine(t *testing.T) {
	e := Engines()[0]
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	kept := enginetest.Build(t, e, enginetest.Gaussian(200, 8, 1), engine.Options{})
	enginetest.Run(t, e, enginetest.Want{
		Recall: map[ann.Metric]float64{ann.Euclidean: .7, ann.Cosine: .7, ann.InnerProduct: .7},
		Beyond: enginetest.Full,
	})
	t.Run("empty slots", func(t *testing.T) { emptySlots(t, kept) })
}

// An empty slot has the ID of a real point, as documented. This test fails for a release without that defect.
func emptySlots(t *testing.T, x engine.Index) {
	a, err := x.Ask(t.Context(), make([]float32, 8), 220)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.IDs) != 220 || a.IDs[219] < 0 || a.Distances[219] < 1e30 {
		t.Errorf("slot 219 of 200 points: ID %d at %v of %d slots", a.IDs[219], a.Distances[219], len(a.IDs))
	}
}
