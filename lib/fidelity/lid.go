package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// LIDMaximumLikelihood is the local intrinsic dimension at the query, from the k distances of the list
// (Levina & Bickel 2005; Amsaleg et al. 2015):
//
//	LID = −1 / mean_{i<k} ln(r_i / r_k).
//
// Neighbours at distance zero are left out of the mean. It is undefined (0, false) with fewer than two positive
// distances, and where they are all equal. On its own it is biased upwards by (k−1)/(k−2). Over queries take
// gonum's stat.Mean or stat.HarmonicMean; the latter is the maximum-likelihood estimate for all queries at once
// (MacKay & Ghahramani 2005), and not swayed by a few very large values.
func LIDMaximumLikelihood(list ann.Neighbors) (lid float64, ok bool) {
	if len(list) < 2 {
		return 0, false
	}
	sum, terms, last := 0.0, 0, len(list)-1
	for _, n := range list[:last] {
		if n.Distance > 0 {
			sum += math.Log(float64(n.Distance) / float64(list[last].Distance))
			terms++
		}
	}
	if sum == 0 {
		return 0, false
	}
	return -float64(terms) / sum, true
}

// LIDMoments is the method-of-moments estimate of order one (Amsaleg et al. 2018), the mean over all k distances:
//
//	LID = mean(r) / (r_k − mean(r)).
//
// It is undefined (0, false) for an empty list, and where all distances are equal.
func LIDMoments(list ann.Neighbors) (lid float64, ok bool) {
	if len(list) == 0 || list[0].Distance == list[len(list)-1].Distance {
		return 0, false
	}
	mean, _ := MeanDistance(list)
	return mean / (float64(list[len(list)-1].Distance) - mean), true
}
