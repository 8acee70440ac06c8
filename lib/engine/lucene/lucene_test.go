package lucene

import (
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
	"anncapacity/lib/engine/internal/side"
	"anncapacity/lib/engine/internal/side/sidetest"
)

// The whole test uses one process.
func TestEngine(t *testing.T) {
	e := Engines()[0]
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	kept := enginetest.Build(t, e, enginetest.Gaussian(2, 8, 1), engine.Options{})
	enginetest.Run(t, e, enginetest.Want{
		Recall: map[ann.Metric]float64{ann.Euclidean: .95, ann.Cosine: .95, ann.InnerProduct: .9},
		Beyond: enginetest.Short,
	})
	t.Run("errors", func(t *testing.T) { failing(t, kept) })
}

// An exception is the error of its request alone.
func failing(t *testing.T, x engine.Index) {
	adapter := engine.Unwrap(x).(*side.Index)
	for want, q := range map[string]side.Request{
		"IllegalArgumentException: request nothing": {Do: "nothing"},
		"NullPointerException":                      {Do: "ask", Vectors: enginetest.Gaussian(3, 8, 1)},
		"vector query dimension: 7":                 {Do: "ask", Vectors: enginetest.Gaussian(3, 7, 1), Fields: map[string]any{"k": 1, "ef": 1}},
	} {
		if _, err := adapter.Do(t.Context(), q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", q.Do, err, want)
		}
	}
	if a, err := x.Ask(t.Context(), make([]float32, 8), 5); err != nil || len(a.IDs) != 2 {
		t.Errorf("after the errors: %+v, %v", a, err)
	}
}

func TestProcess(t *testing.T) { sidetest.Run(t, Engines()[0], enginetest.Gaussian(100000, 64, 2)) }

// An answer holds efSearch documents, with Lucene's scores, largest first. The best is the query itself, with 1 / (1 + 0).
func TestTruncated(t *testing.T) {
	e := Engines()[0]
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	base := enginetest.Gaussian(500, 2048, 1) // beyond the limit of 1,024 dimensions
	x := enginetest.Build(t, e, base, engine.Options{})
	for _, c := range []struct{ ef, k, want int }{{50, 500, 50}, {50, 20, 20}, {1, 3, 1}, {500, 501, 500}, {1 << 20, 501, 500}} {
		if err := x.SetEfSearch(c.ef); err != nil {
			t.Fatal(err)
		}
		a, err := x.Ask(t.Context(), base.Row(7), c.k)
		if err != nil || len(a.IDs) != c.want {
			t.Fatalf("efSearch %d, k %d: %d answers, %v", c.ef, c.k, len(a.IDs), err)
		}
		if a.IDs[0] != 7 || a.Distances[0] != 1 || len(a.IDs) > 1 && a.Distances[1] >= 1 {
			t.Errorf("point 7 at efSearch %d: %v with scores %v", c.ef, a.IDs[:1], a.Distances[:min(2, len(a.Distances))])
		}
	}
}
