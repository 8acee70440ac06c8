package fidelity

import "gonum.org/v1/gonum/stat"

// KOccurrence returns, for each of n points, the number of lists that contain it among their first k members: N_k, the
// k-occurrence. Lists may be shorter than k. IDs must be less than n.
func KOccurrence(lists [][]int32, n, k int) []float64 {
	counts := make([]float64, n)
	for _, list := range lists {
		for _, id := range list[:min(k, len(list))] {
			counts[id]++
		}
	}
	return counts
}

// Hubness returns the skewness of the k-occurrence, E(N_k − μ)³ / σ³ over all points, without a correction for samples
// (Radovanović, Nanopoulos & Ivanović 2010). It is positive if a few points, called hubs, are in very many lists. It is
// undefined (0, false) if all points are in the same number of lists.
func Hubness(occurrence []float64) (skewness float64, ok bool) {
	deviation := stat.PopStdDev(occurrence, nil)
	if !(deviation > 0) {
		return 0, false
	}
	return stat.Moment(3, occurrence, nil) / (deviation * deviation * deviation), true
}
