package fidelity

import (
	"gonum.org/v1/gonum/floats"

	"anncapacity/lib/ann"
)

// BarycenterShift is how far the mean of the neighbours moves when the answer A takes the place of the exact
// neighbours E, in radii of E:
//
//	‖mean x(A) − mean x(E)‖ / sqrt(mean r²), r the distances of E to the query.
//
// It has no dimension: scaling the vectors leaves it as it is. The published formula divides by the mean squared
// distance, so that its value depends on the vectors' scale (PublishedBarycenterShift). Truth holds E and nothing more.
// It is undefined (0, false) for an empty answer, and where the radius is zero.
func BarycenterShift(base ann.Vectors, truth, answer ann.Neighbors) (shift float64, ok bool) {
	radius := rootMeanSquare(truth)
	if len(answer) == 0 || radius == 0 {
		return 0, false
	}
	return floats.Distance(barycenter(base, answer), barycenter(base, truth), 2) / radius, true
}

// barycenter is the mean of the list's vectors, of length D.
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
