package coderhnsw

import (
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine/enginetest"
)

// Its recall is low and documented as such (see graph); chance would be .005.
func TestEngine(t *testing.T) {
	enginetest.Run(t, Engines()[0], enginetest.Want{
		Recall: map[ann.Metric]float64{ann.Euclidean: .1, ann.Cosine: .1, ann.InnerProduct: .1},
		Beyond: enginetest.FullOrShort,
	})
}
