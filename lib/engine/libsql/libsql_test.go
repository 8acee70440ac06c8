package libsql

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
	kept := enginetest.Build(t, e, enginetest.Gaussian(500, 64, 1), engine.Options{M: 16, EfConstruction: 50})
	enginetest.Run(t, e, enginetest.Want{
		Recall: map[ann.Metric]float64{ann.Euclidean: .9, ann.Cosine: .9},
		Beyond: enginetest.Short, ShortFilter: true, ShortAfterDelete: true,
	})
	t.Run("truncated", func(t *testing.T) { truncated(t, kept) })
	t.Run("beyond all points", func(t *testing.T) { beyondAll(t, kept) })
}

// The value of SetEfSearch decides how many nodes a search reads, and thus the length of an answer, in both directions. Distances
// are those of the metric, nearest first.
func truncated(t *testing.T, x engine.Index) {
	base := enginetest.Gaussian(500, 64, 1)
	for _, ef := range []int{50, 10, 200, 50} {
		if err := x.SetEfSearch(ef); err != nil {
			t.Fatal(err)
		}
		longest := 0
		for i := range 20 {
			a, err := x.Ask(t.Context(), base.Row(i), 400)
			if err != nil || !slices.IsSorted(a.Distances) {
				t.Fatalf("%+v, %v", a, err)
			}
			longest = max(longest, len(a.IDs))
			for j, id := range a.IDs {
				if want := ann.L2(base.Row(i), base.Row(int(id))); math.Abs(float64(a.Distances[j]-want)) > 1e-3 {
					t.Fatalf("point %d is at %v, and libSQL says %v", id, want, a.Distances[j])
				}
			}
		}
		if longest < ef || longest > ef+20 {
			t.Errorf("at search_l %d the longest answer has %d points", ef, longest)
		}
	}
}

// A k and an efSearch far above the number of points give all points that links lead to; libSQL itself would end the process.
func beyondAll(t *testing.T, x engine.Index) {
	if err := x.SetEfSearch(math.MaxInt32); err != nil {
		t.Fatal(err)
	}
	query := enginetest.Gaussian(1, 64, 2).Row(0)
	if a, err := x.Ask(t.Context(), query, math.MaxInt32); err != nil || len(a.IDs) < 300 {
		t.Errorf("%d of 500 points: %v", len(a.IDs), err)
	}
}
