package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// DistanceRatio is the mean distance of an answer over that of as many exact neighbours: 1 when the answer is exact, and
// never less.
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

// distanceRatio is undefined (0, false) for an empty answer, and where the exact neighbours are all duplicates of the
// query. Truth must hold len(answer).
func distanceRatio(truth, answer ann.Neighbors) (ratio float64, ok bool) {
	found, _ := meanDistance(answer)
	exact, _ := meanDistance(truth[:len(answer)])
	if exact == 0 {
		return 0, false
	}
	return found / exact, true
}
