package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// LID is the maximum-likelihood estimate of the local intrinsic dimension at the query from the k distances of a list
// (Levina & Bickel 2005; Amsaleg et al. 2015):
//
//	LID = −1 / mean_{i<k} ln(r_i / r_k).
//
// The mean excludes neighbours at distance zero. The estimate is biased upwards by the factor (k−1)/(k−2). The harmonic mean
// over queries is the maximum-likelihood estimate for all queries together (MacKay & Ghahramani 2005) and is not dominated
// by a few very large values.
var LID = Measure{
	Label:             "local intrinsic dimension",
	Definition:        answered(lidMaximumLikelihood),
	List:              func(p Prefix) float64 { return p.lid(p.N) },
	ExactMean:         Column{"lid_exact"},
	Mean:              Column{"lid_ann"},
	ExactHarmonicMean: Column{"lid_exact_harmonic"},
	HarmonicMean:      Column{"lid_ann_harmonic"},
}

// lidMaximumLikelihood returns the value of LID. It is undefined (0, false) if fewer than two distances are positive, or if
// all positive distances are equal.
func lidMaximumLikelihood(list ann.Neighbors) (lid float64, ok bool) {
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

// lid is the running form of LID, for the first n members.
func (s *sums) lid(n int) float64 {
	if n < 2 || s.positive[n-1] == 0 {
		return math.NaN()
	}
	mean := s.ln[n-1]/float64(s.positive[n-1]) - s.list[n-1].ln
	if !(mean < 0) {
		return math.NaN()
	}
	return -1 / mean
}
