package driver

import (
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/compare/comparetest"
	"anncapacity/lib/engine/enginetest"
)

func recall(l2, cosine, product float64) map[ann.Metric]float64 {
	return map[ann.Metric]float64{ann.Euclidean: l2, ann.Cosine: cosine, ann.InnerProduct: product}
}

// DuckDB's answers are compared with brute force, and for k > hnsw_ef_search they are full.
func TestEngines(t *testing.T) {
	want := []enginetest.Want{
		{Recall: recall(1, 1, 1), Beyond: enginetest.Full},
		{Recall: recall(.95, .95, .9), Beyond: enginetest.Full, ShortFilter: true},
	}
	for i, e := range Engines() {
		t.Run(e.Name, func(t *testing.T) {
			enginetest.Run(t, e, want[i])
			comparetest.Policy(t, e)
		})
	}
}
