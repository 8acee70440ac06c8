package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// PublishedBarycenterShift is ‖mean x(A) − mean x(E)‖ divided by the mean squared exact distance. Its unit is 1/length. An
// empty slot counts as the last row of the base.
var PublishedBarycenterShift = Measure{
	Label: "barycentre shift / squared distance",
	Definition: func(l Lists) (float64, bool) {
		shift := float64(publishedBarycenterShift(l.Base, publishedSlots(l.Truth, l.K), publishedSlots(l.Answer, l.K)))
		return shift, !math.IsNaN(shift) && !math.IsInf(shift, 0)
	},
	Pair: func(g *Growth) float64 {
		if g.exact.squared[g.K] == 0 {
			return math.NaN()
		}
		return g.difference.publishedBarycenters(g.Found, g.K) / (g.exact.squared[g.K] / float64(g.K))
	},
	Published: true,
	Mean:      Column{"published_barycenter_shift"},
}

// publishedBarycenterShift returns the value of PublishedBarycenterShift. The label −1 refers to the last row of the base, as
// in NumPy. The value is not finite if all exact neighbours are duplicates of the query.
func publishedBarycenterShift(base ann.Vectors, truth, answer slots) float32 {
	a, e := slotsBarycenter(base, answer.IDs), slotsBarycenter(base, truth.IDs)
	sum := 0.0
	for j := range a {
		difference := float64(a[j] - e[j])
		sum += float64(difference * difference)
	}
	return float32(math.Sqrt(sum)) / publishedMeanDistance(truth)
}

func slotsBarycenter(base ann.Vectors, ids []int32) []float32 {
	mean := make([]float32, base.D)
	for _, id := range ids {
		if id == emptyID {
			id = int32(base.N - 1)
		}
		for j, x := range base.Row(int(id)) {
			mean[j] += x
		}
	}
	for j := range mean {
		mean[j] /= float32(len(ids))
	}
	return mean
}
