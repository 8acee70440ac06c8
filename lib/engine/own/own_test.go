package own

import (
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine/enginetest"
	"anncapacity/lib/hnsw"
)

func TestEngines(t *testing.T) {
	all := Engines()
	exactly := map[ann.Metric]float64{ann.Euclidean: 1, ann.Cosine: 1, ann.InnerProduct: 1}
	nearly := map[ann.Metric]float64{ann.Euclidean: .95, ann.Cosine: .95, ann.InnerProduct: .9}
	t.Run(all[0].Name, func(t *testing.T) { enginetest.Run(t, all[0], enginetest.Want{Recall: exactly}) })
	for i, p := range hnsw.Policies {
		e := all[1+i]
		beyond := map[hnsw.Policy]enginetest.Beyond{hnsw.Pad: enginetest.Short, hnsw.Raise: enginetest.Full, hnsw.Truncate: enginetest.Short, hnsw.Reject: enginetest.Error}
		t.Run(e.Name, func(t *testing.T) { enginetest.Run(t, e, enginetest.Want{Recall: nearly, Beyond: beyond[p]}) })
	}
}
