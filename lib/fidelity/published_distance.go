package fidelity

import "math"

// PublishedDistance is the mean of the k squared distances, empty slots among them. One empty slot makes it huge; two
// make it overflow, and the query is dropped from the exact mean too.
var PublishedDistance = Measure{
	Label: "mean squared distance",
	Definition: func(l Lists) (float64, bool) {
		mean := float64(publishedMeanDistance(publishedSlots(l.Answer, l.K)))
		return mean, !math.IsInf(mean, 0)
	},
	List: func(p Prefix) float64 {
		switch p.K - p.N {
		case 0:
			return p.squared[p.N] / float64(p.K)
		case 1:
			return (p.squared[p.N] + float64(EmptySlot)) / float64(p.K)
		}
		return math.NaN()
	},
	Paired:    true,
	Published: true,
	ExactMean: Column{"published_distance_exact"},
	Mean:      Column{"published_distance_ann"},
}

// publishedMeanDistance is the mean of the k squared distances, empty slots among them: EmptySlot/k with one of them,
// and with two or more +Inf, for the sum is too large for a float32.
func publishedMeanDistance(row slots) float32 { return mean32(row.Squared) }
