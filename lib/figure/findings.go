package figure

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

// FixedEffortFindings says in three sentences what the records of condition 1 show; every number in them is computed
// from the records. Without records of coder/hnsw the third sentence says that it was not run.
func FixedEffortFindings(records []study.Record) ([]string, error) {
	curves, err := overlapCurves(records)
	if err != nil {
		return nil, err
	}
	own := slices.DeleteFunc(slices.Clone(curves), func(c curve) bool { return c.index != study.IndexHNSW })
	coder := slices.DeleteFunc(curves, func(c curve) bool { return c.index != indexCoderHNSW })
	if len(own) == 0 {
		return nil, fmt.Errorf("figure: %w of index %q", errNoRecords, study.IndexHNSW)
	}
	return []string{ratioFinding(own), emptyFinding(own, records), coderFinding(coder)}, nil
}

// ratioFinding sets the spread over efSearch at one k beside the spread at one k/efSearch.
func ratioFinding(own []curve) string {
	s := "HNSW's overlap"
	if shared := sharedK(own); len(shared) > 0 {
		k := shared[len(shared)/2]
		low, high := spread(own, func(curve) int { return k })
		s += fmt.Sprintf(" at k = %d is %s over the efSearch tried", k, between(low, high))
	}
	var at []string
	for _, ratio := range threeOf(sharedRatios(own)) {
		low, high := spread(own, func(c curve) int { return c.efSearch * ratio[0] / ratio[1] })
		at = append(at, fmt.Sprintf("%s at k = %.3g × efSearch", between(low, high), float64(ratio[0])/float64(ratio[1])))
	}
	if len(at) > 0 {
		s += "; at one k / efSearch it is " + strings.Join(at, ", ")
	}
	return s + "."
}

// emptyFinding sets the largest step of the overlap beside the first empty slots.
func emptyFinding(own []curve, records []study.Record) string {
	fall, at := 0.0, own[0].points[0].k
	for _, c := range own {
		for i := 1; i < len(c.points); i++ {
			if step := c.points[i-1].mean - c.points[i].mean; step > fall {
				fall, at = step, c.points[i].k
			}
		}
	}
	first := map[int]int{} // efSearch → smallest k with an empty slot
	for _, r := range records {
		if r.Condition == 1 && r.Index == study.IndexHNSW && r.Of(fidelity.EmptyShare.Mean) > 0 && (first[r.EfSearch] == 0 || r.K < first[r.EfSearch]) {
			first[r.EfSearch] = r.K
		}
	}
	s := fmt.Sprintf("From one k to the next HNSW's overlap falls by %.1f percentage points at most (at k = %d), ", 100*fall, at)
	if len(first) == 0 {
		return s + "and every query got as many neighbours as it asked for."
	}
	var where []string
	for _, e := range slices.Sorted(maps.Keys(first)) {
		where = append(where, fmt.Sprintf("k = %d with efSearch %d", first[e], e))
	}
	return s + "and the first query to get fewer neighbours than it asked for is met at " + strings.Join(where, ", ") + "."
}

func coderFinding(coder []curve) string {
	name := label(indexCoderHNSW)
	shared := sharedK(coder)
	if len(shared) == 0 {
		return name + " was not run."
	}
	var at []string
	widest := 0.0
	for _, k := range shared {
		low, high := spread(coder, func(curve) int { return k })
		widest = max(widest, high-low)
		if k == shared[0] || k == shared[len(shared)-1] {
			at = append(at, fmt.Sprintf("%s at k = %d", between(low, high), k))
		}
	}
	return fmt.Sprintf("%s, on the same points, reaches %s, and another efSearch changes its overlap by %.1f percentage points at most.",
		name, strings.Join(at, " and "), 100*widest)
}

// spread is the least and the greatest overlap of the curves, each at the k that at chooses for it.
func spread(curves []curve, at func(curve) int) (low, high float64) {
	low, high = 1, 0
	for _, c := range curves {
		if overlap, ok := c.overlapAt(at(c)); ok {
			low, high = min(low, overlap), max(high, overlap)
		}
	}
	return low, high
}

// sharedK are the k that every curve has, ascending.
func sharedK(curves []curve) (ks []int) {
	if len(curves) == 0 {
		return nil
	}
	for _, p := range curves[0].points {
		if everyHas(curves, func(curve) int { return p.k }) {
			ks = append(ks, p.k)
		}
	}
	return ks
}

// sharedRatios are the k/efSearch, as fractions and ascending, at which every curve has a point.
func sharedRatios(curves []curve) (ratios [][2]int) {
	for _, p := range curves[0].points {
		k, e := p.k, curves[0].efSearch
		whole := !slices.ContainsFunc(curves, func(c curve) bool { return c.efSearch*k%e != 0 })
		if whole && everyHas(curves, func(c curve) int { return c.efSearch * k / e }) {
			ratios = append(ratios, [2]int{k, e})
		}
	}
	return ratios
}

func everyHas(curves []curve, at func(curve) int) bool {
	return !slices.ContainsFunc(curves, func(c curve) bool { _, ok := c.overlapAt(at(c)); return !ok })
}

// threeOf is the first, the middle and the last of a list, or the list where it is no longer than that.
func threeOf[T any](list []T) []T {
	if len(list) <= 3 {
		return list
	}
	return []T{list[0], list[len(list)/2], list[len(list)-1]}
}

// between is "49.0–79.4 %", or "49.0 %" where both round to that.
func between(low, high float64) string {
	a, b := fmt.Sprintf("%.1f", 100*low), fmt.Sprintf("%.1f", 100*high)
	if a == b {
		return a + " %"
	}
	return a + "–" + b + " %"
}
