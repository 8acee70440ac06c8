// Package fidelity measures how true an approximate neighbourhood is to the exact one. Lists never hold the query
// and are never padded: a list shorter than k means that the engine found no more.
package fidelity

import "anncapacity/lib/ann"

// Overlap is |E ∩ A| / k, E the first k of truth and A the first k of answer: recall@k. Truth must hold k.
func Overlap(truth []int32, answer ann.Neighbors, k int) float64 {
	return float64(Shared(truth, answer, k)) / float64(k)
}

// Shared is |E ∩ A|.
func Shared(truth []int32, answer ann.Neighbors, k int) int {
	in := make(map[int32]struct{}, k)
	for _, n := range answer[:min(k, len(answer))] {
		in[n.ID] = struct{}{}
	}
	shared := 0
	for _, id := range truth[:k] {
		if _, ok := in[id]; ok {
			shared++
		}
	}
	return shared
}

// Reached counts the exact neighbours that a search with efSearch visits, from their efforts (hnsw.Walk.Efforts).
// With the policy Pad, Reached(efforts[:k], e) / k is the overlap at (k, e): a visited node that is among the k
// nearest of all is among the k nearest visited.
func Reached(efforts []int32, efSearch int) int {
	reached := 0
	for _, effort := range efforts {
		if int(effort) <= efSearch {
			reached++
		}
	}
	return reached
}
