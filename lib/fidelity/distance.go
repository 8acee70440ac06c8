package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// Distance is the mean L2 distance between the members of a list and the query.
var Distance = Measure{
	Label:      "mean distance of neighbours",
	Definition: answered(meanDistance),
	List:       Prefix.meanDistance,
	ExactMean:  Column{"distance_exact"},
	Mean:       Column{"distance_ann"},
}

// meanDistance returns the mean distance of a list. It is undefined (0, false) for an empty list.
func meanDistance(list ann.Neighbors) (mean float64, ok bool) {
	if len(list) == 0 {
		return 0, false
	}
	for _, n := range list {
		mean += float64(n.Distance)
	}
	return mean / float64(len(list)), true
}

// meanDistance is the running form of Distance.
func (p Prefix) meanDistance() float64 {
	if p.N == 0 {
		return math.NaN()
	}
	return p.r[p.N] / float64(p.N)
}
