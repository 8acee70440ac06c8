package fidelity

import (
	"math"

	"anncapacity/lib/ann"
)

// MeanDistance is the mean L2 distance of a list to its query. It is undefined (0, false) for an empty list.
func MeanDistance(list ann.Neighbors) (mean float64, ok bool) {
	if len(list) == 0 {
		return 0, false
	}
	for _, n := range list {
		mean += float64(n.Distance)
	}
	return mean / float64(len(list)), true
}

// DistanceRatio is the mean distance of an answer over that of as many exact neighbours: 1 when the answer is exact, and
// never less. Truth must hold len(answer). It is undefined (0, false) for an empty answer, and where the exact
// neighbours are all duplicates of the query.
func DistanceRatio(truth, answer ann.Neighbors) (ratio float64, ok bool) {
	found, _ := MeanDistance(answer)
	exact, _ := MeanDistance(truth[:len(answer)])
	if exact == 0 {
		return 0, false
	}
	return found / exact, true
}

// RadiusRatio is the last distance of an answer over that of the exact neighbour of the same rank; undefined where
// DistanceRatio is, and where that neighbour is a duplicate of the query.
func RadiusRatio(truth, answer ann.Neighbors) (ratio float64, ok bool) {
	last := len(answer) - 1
	if last < 0 || truth[last].Distance == 0 {
		return 0, false
	}
	return float64(answer[last].Distance) / float64(truth[last].Distance), true
}

// rootMeanSquare is the radius of a neighbourhood: sqrt(mean r²), r the distances to the query. Zero for an empty list.
func rootMeanSquare(list ann.Neighbors) float64 {
	if len(list) == 0 {
		return 0
	}
	sum := 0.0
	for _, n := range list {
		sum += float64(n.Distance) * float64(n.Distance)
	}
	return math.Sqrt(sum / float64(len(list)))
}
