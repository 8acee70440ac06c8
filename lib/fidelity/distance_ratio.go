package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// DistanceRatio is the mean distance of an answer divided by the mean distance of the same number of exact neighbours. It is
// at least 1, and 1 for an exact answer.
var DistanceRatio = Measure{
	Label:      "distance over exact distance",
	Definition: func(l Lists) (float64, bool) { return distanceRatio(l.Truth, l.Answer) },
	Pair: func(g *Growth) float64 {
		if g.Found == 0 || g.exact.r[g.Found] == 0 {
			return math.NaN()
		}
		return g.answer.r[g.Found] / g.exact.r[g.Found]
	},
	Mean: Column{"distance_ratio"},
}

// distanceRatio returns the value of DistanceRatio. It is undefined (0, false) if the answer is empty or all exact
// neighbours are duplicates of the query. len(truth) must be at least len(answer).
func distanceRatio(truth, answer ann.Neighbors) (ratio float64, ok bool) {
	found, _ := meanDistance(answer)
	exact, _ := meanDistance(truth[:len(answer)])
	if exact == 0 {
		return 0, false
	}
	return found / exact, true
}
