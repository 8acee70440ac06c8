package qdrant

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
	base := enginetest.Gaussian(1000, 64, 1)
	kept := enginetest.Build(t, e, base, engine.Options{M: 4, EfConstruction: 10})
	enginetest.Run(t, e, enginetest.Want{
		Recall: map[ann.Metric]float64{ann.Euclidean: .95, ann.Cosine: .95, ann.InnerProduct: .9},
		Beyond: enginetest.Full,
	})
	t.Run("raised", func(t *testing.T) { raised(t, kept, base) })
}

// The points are in a graph: a search for one neighbour at efSearch 1 misses some that a search at efSearch 1,000 finds. A
// search for k neighbours has the same answer at each efSearch up to k. The score is the distance.
func raised(t *testing.T, x engine.Index, base ann.Vectors) {
	queries := enginetest.Gaussian(50, base.D, 2)
	ask := func(k, ef int) []engine.Answer {
		t.Helper()
		if err := x.SetEfSearch(ef); err != nil {
			t.Fatal(err)
		}
		answers, err := x.AskBatch(t.Context(), queries, k)
		if err != nil {
			t.Fatal(err)
		}
		return answers
	}
	missed := 0
	low, high := ask(1, 1), ask(1, 1000)
	for i := range queries.N {
		if want := ann.L2(queries.Row(i), base.Row(int(high[i].IDs[0]))); math.Abs(float64(high[i].Distances[0]-want)) > 1e-4 {
			t.Errorf("query %d: score %v, distance %v", i, high[i].Distances[0], want)
		}
		if low[i].IDs[0] != high[i].IDs[0] {
			missed++
		}
	}
	if missed == 0 {
		t.Error("a search at efSearch 1 misses no neighbour: it is exact")
	}
	want := ask(100, 100)
	for _, ef := range []int{50, 1} {
		for i, a := range ask(100, ef) {
			if len(a.IDs) != 100 || !slices.Equal(a.IDs, want[i].IDs) {
				t.Errorf("query %d at efSearch %d: %d answers, other than those at efSearch 100", i, ef, len(a.IDs))
			}
		}
	}
}
