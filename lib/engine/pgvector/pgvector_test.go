package pgvector

import (
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine/enginetest"
)

func recall(l2, cosine, product float64) map[ann.Metric]float64 {
	return map[ann.Metric]float64{ann.Euclidean: l2, ann.Cosine: cosine, ann.InnerProduct: product}
}

// pgvector's answers are compared with brute force, and its behaviour for k > hnsw.ef_search with the documentation.
func TestEngines(t *testing.T) {
	want := []enginetest.Want{
		{Recall: recall(1, 1, 1), Beyond: enginetest.Full},
		{Recall: recall(.95, .95, .9), Beyond: enginetest.Short},
		{Recall: recall(.95, .95, .9), Beyond: enginetest.Full},
	}
	for i, e := range Engines() {
		t.Run(e.Name, func(t *testing.T) {
			enginetest.Run(t, e, want[i])
			t.Log(e.Version())
		})
	}
}
