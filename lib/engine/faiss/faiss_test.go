package faiss

import (
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine/enginetest"
)

func recall(l2, cosine, product float64) map[ann.Metric]float64 {
	return map[ann.Metric]float64{ann.Euclidean: l2, ann.Cosine: cosine, ann.InnerProduct: product}
}

// FAISS's answers are compared with brute force, and its behaviour for k > efSearch with the documentation.
func TestEngines(t *testing.T) {
	want := map[kind]enginetest.Want{
		flat:          {Recall: recall(1, 1, 1), Beyond: enginetest.Full},
		hnswBounded:   {Recall: recall(.95, .95, .9), Beyond: enginetest.Padded},
		hnswUnbounded: {Recall: recall(.95, .95, .9), Beyond: enginetest.Full, IgnoresFilter: true},
		ivf:           {Recall: recall(.95, .95, .95), Beyond: enginetest.Padded, EfSearch: 20},
	}
	for i, e := range Engines() {
		t.Run(e.Name, func(t *testing.T) { enginetest.Run(t, e, want[kind(i)]) })
	}
}
