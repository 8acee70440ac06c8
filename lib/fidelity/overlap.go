// Package fidelity measures how true an approximate neighbourhood is to the exact one. Lists never hold the query
// and are never padded: a list shorter than k means that the engine found no more.
//
// A measure is one file: the definition that tests read as a formula, and the running form, equal to it within rounding,
// that the study computes for every k in one pass over a growing neighbourhood.
package fidelity

import "anncapacity/lib/ann"

// Overlap is the neighbourhood overlap, recall@k.
var Overlap = Measure{
	Label:      "neighbourhood overlap",
	Definition: func(l Lists) (float64, bool) { return OverlapAt(idsOf(l.Truth), l.Answer, l.K), true },
	Pair:       func(g *Growth) float64 { return float64(g.Shared) },
	Slots:      true,
	Mean:       Column{"overlap"},
	Tail:       Tail{Column{"overlap_median"}, Column{"overlap_p01"}, Column{"overlap_p001"}, Column{"overlap_min"}},
}

// OverlapAt is |E ∩ A| / k, E the first k of truth and A the first k of answer: recall@k. Truth must hold k.
func OverlapAt(truth []int32, answer ann.Neighbors, k int) float64 {
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

func idsOf(list ann.Neighbors) []int32 {
	ids := make([]int32, len(list))
	for i, n := range list {
		ids[i] = n.ID
	}
	return ids
}
