package coderhnsw

import (
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine/enginetest"
)

// The recall is low, as documented at graph. Random answers would have a recall of .005.
func TestEngine(t *testing.T) {
	enginetest.Run(t, Engines()[0], enginetest.Want{
		Recall: map[ann.Metric]float64{ann.Euclidean: .1, ann.Cosine: .1, ann.InnerProduct: .1},
		Beyond: enginetest.FullOrShort,
	})
}
