package fidelity

import "math"

// PublishedDistance is the mean of the squared distances in all k slots, including empty ones. With one empty slot it is
// about EmptySlot/k. With two or more it overflows, and the means over queries exclude the query, also for the exact lists.
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

// publishedMeanDistance returns the mean of the squared distances in all k slots: about EmptySlot/k with one empty slot, and
// +Inf with two or more, since the sum overflows float32.
func publishedMeanDistance(row slots) float32 { return mean32(row.Squared) }
