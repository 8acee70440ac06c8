package usearch

import (
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
	base := enginetest.Gaussian(500, 64, 1)
	kept := enginetest.Build(t, e, base, engine.Options{})
	enginetest.Run(t, e, enginetest.Want{
		Recall: map[ann.Metric]float64{ann.Euclidean: .95, ann.Cosine: .95, ann.InnerProduct: .9},
		Beyond: enginetest.Full,
	})
	t.Run("raised", func(t *testing.T) { raised(t, kept, base.Row(7)) })
}

// A search for k neighbours has the same answer at each efSearch up to k, with squared distances. One for more than all
// points has all of them, whether the query comes alone or in a batch.
func raised(t *testing.T, x engine.Index, query []float32) {
	var want engine.Answer
	for _, ef := range []int{100, 10, 1} {
		if err := x.SetEfSearch(ef); err != nil {
			t.Fatal(err)
		}
		a, err := x.Ask(t.Context(), query, 100)
		if err != nil || len(a.IDs) != 100 || a.IDs[0] != 7 {
			t.Fatalf("efSearch %d: %+v, %v", ef, a, err)
		}
		if d := ann.Euclidean.Distance(query, enginetest.Gaussian(500, 64, 1).Row(int(a.IDs[1]))); max(a.Distances[1]-d*d, d*d-a.Distances[1]) > 1e-3 {
			t.Errorf("the second point is at %v, and usearch says %v", d*d, a.Distances[1])
		}
		if want.IDs != nil && !slices.Equal(a.IDs, want.IDs) {
			t.Errorf("efSearch %d: %v, not %v", ef, a.IDs, want.IDs)
		}
		want = a
	}
	twice := ann.Vectors{N: 2, D: 64, Data: slices.Concat(query, query)}
	batch, err := x.AskBatch(t.Context(), twice, 501)
	one, alone := x.Ask(t.Context(), query, 501)
	if err != nil || alone != nil || len(one.IDs) != 500 || !slices.Equal(batch[0].IDs, one.IDs) || !slices.Equal(batch[1].IDs, one.IDs) {
		t.Errorf("%v, %v: %d answers alone, %d and %d in a batch", err, alone, len(one.IDs), len(batch[0].IDs), len(batch[1].IDs))
	}
}
