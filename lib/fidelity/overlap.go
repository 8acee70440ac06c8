// Package fidelity defines measures of the fidelity of approximate neighbourhoods to exact ones. Lists never contain the
// query and are never padded: a list shorter than k means that the engine found fewer than k neighbours.
//
// Each measure has a file of its own. It has a definition, which is the formula, and a running form, which the study uses to
// compute the values for all k in one pass. Both are equal within rounding.
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

// OverlapAt returns |E ∩ A| / k, where E is the first k of truth and A the first k of answer: recall@k. len(truth) must be
// at least k.
func OverlapAt(truth []int32, answer ann.Neighbors, k int) float64 {
	return float64(Shared(truth, answer, k)) / float64(k)
}

// Shared returns |E ∩ A|, where E is the first k of truth and A the first k of answer.
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

// Reached returns the number of exact neighbours that a search with efSearch visits, given their efforts
// (hnsw.Walk.Efforts). Under the policy Pad, Reached(efforts[:k], e) / k is the overlap at (k, e), since a visited node that
// is among the k nearest of all points is also among the k nearest visited.
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
