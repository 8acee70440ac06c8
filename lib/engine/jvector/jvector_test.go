package jvector

import (
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
	enginetest.Run(t, e, enginetest.Want{Recall: map[ann.Metric]float64{ann.Euclidean: .95, ann.Cosine: .95}, Beyond: enginetest.Error})
	t.Run("rejected", func(t *testing.T) { rejected(t, kept) })
}

// A search with rerankK < topK is JVector's own error; one with rerankK = topK has that many answers, with JVector's scores.
func rejected(t *testing.T, x engine.Index) {
	query := enginetest.Gaussian(500, 64, 1).Row(7)
	_, err := x.Ask(t.Context(), query, engine.DefaultEfSearch+1)
	if err == nil || !strings.Contains(err.Error(), "rerankK 50 must be >= topK 51") {
		t.Error(err)
	}
	a, err := x.Ask(t.Context(), query, engine.DefaultEfSearch)
	if err != nil || len(a.IDs) != engine.DefaultEfSearch || a.IDs[0] != 7 || a.Distances[0] != 1 {
		t.Errorf("%+v, %v", a, err)
	}
}
