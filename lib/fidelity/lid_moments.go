package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// LIDMoments is the estimate of the local intrinsic dimension by the first-order method of moments (Amsaleg et al. 2018),
// with the mean over all k distances:
//
//	LID = mean(r) / (r_k − mean(r)).
var LIDMoments = Measure{
	Label:      "local intrinsic dimension, moments",
	Definition: answered(lidMoments),
	List: func(p Prefix) float64 {
		if p.N < 2 {
			return math.NaN()
		}
		mean := p.meanDistance()
		if gap := p.last().r - mean; gap > 0 {
			return mean / gap
		}
		return math.NaN()
	},
	ExactMean: Column{"lid_moments_exact"},
	Mean:      Column{"lid_moments_ann"},
}

// lidMoments returns the value of LIDMoments. It is undefined (0, false) if the list is empty or all distances are equal.
func lidMoments(list ann.Neighbors) (lid float64, ok bool) {
	if len(list) == 0 || list[0].Distance == list[len(list)-1].Distance {
		return 0, false
	}
	mean, _ := meanDistance(list)
	return mean / (float64(list[len(list)-1].Distance) - mean), true
}
