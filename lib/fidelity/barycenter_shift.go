package fidelity

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"anncapacity/lib/ann"
)

// BarycenterShift is the distance between the means of the answer A and of the exact neighbours E, in radii of E:
//
//	‖mean x(A) − mean x(E)‖ / sqrt(mean r²), r the distances of E to the query.
//
// It is dimensionless: scaling the vectors does not change it. The published formula divides by the mean squared distance,
// so its value depends on the scale of the vectors (PublishedBarycenterShift).
var BarycenterShift = Measure{
	Label:      "barycentre shift",
	Unit:       "radii",
	Definition: func(l Lists) (float64, bool) { return barycenterShift(l.Base, l.Truth, l.Answer) },
	Pair: func(g *Growth) float64 {
		if g.exact.squared[g.K] == 0 {
			return math.NaN()
		}
		return g.difference.barycenters(g.Found, g.K) / math.Sqrt(g.exact.squared[g.K]/float64(g.K))
	},
	Mean: Column{"barycenter_shift"},
}

// barycenterShift returns the value of BarycenterShift. It is undefined (0, false) if the answer is empty or the radius is
// zero.
func barycenterShift(base ann.Vectors, truth, answer ann.Neighbors) (shift float64, ok bool) {
	radius := rootMeanSquare(truth)
	if len(answer) == 0 || radius == 0 {
		return 0, false
	}
	return floats.Distance(barycenter(base, answer), barycenter(base, truth), 2) / radius, true
}

// barycenter returns the mean of the list's vectors, of length D.
func barycenter(base ann.Vectors, list ann.Neighbors) []float64 {
	mean := make([]float64, base.D)
	for _, n := range list {
		for j, x := range base.Row(int(n.ID)) {
			mean[j] += float64(x)
		}
	}
	floats.Scale(1/float64(len(list)), mean)
	return mean
}

// rootMeanSquare returns the radius of a neighbourhood, sqrt(mean r²), r the distances to the query. It is zero for an empty
// list.
func rootMeanSquare(list ann.Neighbors) float64 {
	if len(list) == 0 {
		return 0
	}
	sum := 0.0
	for _, n := range list {
		sum += float64(float64(n.Distance) * float64(n.Distance))
	}
	return math.Sqrt(sum / float64(len(list)))
}
