package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"anncapacity/lib/internal/plate"
	"anncapacity/lib/study"
)

var overlapCollapse = Entry{
	Name:  "OverlapCollapse",
	From:  study.RecordsFile,
	Shows: "The same overlaps against k / efSearch: the lines of an index coincide where the overlap depends on that ratio only.",
	Draw:  func(r *Results, about Subject) (*Figure, error) { return OverlapCollapse(r.Records, about) },
	findings: func(r *Results) ([]string, error) {
		own, err := settings(r.Records, 1, study.IndexHNSW)
		if err != nil {
			return nil, err
		}
		return []string{ratioFinding(own)}, nil
	},
}

// OverlapCollapse draws the neighbourhood overlap against k/efSearch on a logarithmic axis, from the records of
// condition 1. Where the overlap depends on that ratio only, the lines of an index coincide.
func OverlapCollapse(records []study.Record, about Subject) (*Figure, error) {
	p := plate.NewLabelledPanel("neighbours asked over effort, k / efSearch", overlap.title())
	p.X.Tick.Marker = plate.Decades125
	return overlaps{
		name: "OverlapCollapse", title: "Overlap against k / efSearch", panel: p,
		x:      func(efSearch float64, k int) float64 { return math.Log10(float64(k) / efSearch) },
		marked: series125,
	}.draw(records, about)
}

// series125 reports whether k of the i-th point is 1, 2, 5, 10, 20, 50, …, which are evenly spaced on a logarithmic axis.
func series125(all []point, i int) bool {
	k := all[i].k
	for k%10 == 0 {
		k /= 10
	}
	return k == 1 || k == 2 || k == 5
}

// ratioFinding returns a sentence that compares the range of overlaps at one k with that at one k/efSearch.
func ratioFinding(own []setting) string {
	s := "HNSW's overlap"
	if shared := sharedK(own); len(shared) > 0 {
		k := shared[len(shared)/2]
		low, high := spread(own, func(setting) int { return k })
		s += fmt.Sprintf(" at k = %d is %s over all efSearch", k, between(low, high))
	}
	var at []string
	for _, ratio := range threeOf(sharedRatios(own)) {
		low, high := spread(own, ratio.of)
		at = append(at, fmt.Sprintf("%s at k = %.3g × efSearch", between(low, high), float64(ratio.k)/float64(ratio.efSearch)))
	}
	if len(at) > 0 {
		s += "; at a fixed k / efSearch it is " + strings.Join(at, ", ")
	}
	return s + "."
}

// ratio is k/efSearch as a fraction.
type ratio struct{ k, efSearch int }

// of returns the k at which a setting has this ratio.
func (r ratio) of(s setting) int { return int(s.value) * r.k / r.efSearch }

// sharedRatios returns the ratios, ascending, at which every setting has a point.
func sharedRatios(all []setting) (ratios []ratio) {
	for _, k := range all[0].ks() {
		r := ratio{k, int(all[0].value)}
		whole := !slices.ContainsFunc(all, func(s setting) bool { return int(s.value)*r.k%r.efSearch != 0 })
		if whole && everyHas(all, r.of) {
			ratios = append(ratios, r)
		}
	}
	return ratios
}
