package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// RadiusRatio is the last distance of an answer divided by the distance of the exact neighbour of the same rank.
var RadiusRatio = Measure{
	Label:      "radius over exact radius",
	Definition: func(l Lists) (float64, bool) { return radiusRatio(l.Truth, l.Answer) },
	Pair: func(g *Growth) float64 {
		last := g.Found - 1
		if last < 0 || g.exact.list[last].r == 0 {
			return math.NaN()
		}
		return g.answer.list[last].r / g.exact.list[last].r
	},
	Mean: Column{"radius_ratio"},
}

// radiusRatio returns the value of RadiusRatio. It is undefined (0, false) if the answer is empty or that exact neighbour is
// a duplicate of the query.
func radiusRatio(truth, answer ann.Neighbors) (ratio float64, ok bool) {
	last := len(answer) - 1
	if last < 0 || truth[last].Distance == 0 {
		return 0, false
	}
	return float64(answer[last].Distance) / float64(truth[last].Distance), true
}
