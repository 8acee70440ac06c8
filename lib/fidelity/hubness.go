package fidelity

import "gonum.org/v1/gonum/stat"

// KOccurrence counts, for each of n points, how many of the lists hold it among their first k: N_k, the k-occurrence.
// Lists may be shorter than k. IDs must be below n.
func KOccurrence(lists [][]int32, n, k int) []float64 {
	counts := make([]float64, n)
	for _, list := range lists {
		for _, id := range list[:min(k, len(list))] {
			counts[id]++
		}
	}
	return counts
}

// Hubness is the skewness of the k-occurrence, E(N_k − μ)³ / σ³ over the points themselves (no correction for a sample;
// Radovanović, Nanopoulos & Ivanović 2010). Positive: a few points, hubs, are in very many lists. It is undefined
// (0, false) where every point is in as many lists.
func Hubness(occurrence []float64) (skewness float64, ok bool) {
	deviation := stat.PopStdDev(occurrence, nil)
	if !(deviation > 0) {
		return 0, false
	}
	return stat.Moment(3, occurrence, nil) / (deviation * deviation * deviation), true
}
