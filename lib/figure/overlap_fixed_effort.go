package figure

import (
	"fmt"
	"strings"

	"anncapacity/lib/internal/plate"
	"anncapacity/lib/study"
)

var overlapFixedEffort = Entry{
	Name:  "OverlapFixedEffort",
	From:  study.RecordsFile,
	Shows: "Condition 1: neighbourhood overlap against k, for each efSearch and index.",
	Draw:  func(r *Results, about Subject) (*Figure, error) { return OverlapFixedEffort(r.Records, about) },
	findings: func(r *Results) ([]string, error) {
		said, err := FixedEffortFindings(r.Records)
		if err != nil {
			return nil, err
		}
		all, err := settings(r.Records, 1, study.IndexHNSW)
		if err != nil {
			return nil, err
		}
		return append([]string{overlapAtLargestK(all)}, append(said[1:], bands(all)...)...), nil
	},
}

// OverlapFixedEffort draws the neighbourhood overlap against k, one line for each efSearch and index, from the records
// of condition 1: means over runs, with the 95 % interval of the mean as a band. It returns an error if there are no such
// records, or if a setting lacks a run at some k.
func OverlapFixedEffort(records []study.Record, about Subject) (*Figure, error) {
	p := plate.NewLabelledPanel(kLabel, overlap.title())
	p.X.Min, p.X.Tick.Marker = 0, plate.EveryMultiple(100)
	return overlaps{
		name: "OverlapFixedEffort", title: "Overlap at fixed efSearch", panel: p,
		x:      func(_ float64, k int) float64 { return float64(k) },
		marked: func(all []point, i int) bool { return (i+1)%max(1, len(all)/10) == 0 },
	}.draw(records, about)
}

// FixedEffortFindings returns three sentences on condition 1: the overlap at one k and at one k/efSearch, its largest step and
// the first empty slots, and the overlap of coder/hnsw. Without records of coder/hnsw the third sentence says that it was not
// run.
func FixedEffortFindings(records []study.Record) ([]string, error) {
	all, err := settings(records, 1, "")
	if err != nil {
		return nil, err
	}
	own := ofIndex(all, study.IndexHNSW)
	if len(own) == 0 {
		return nil, noRecords(1, study.IndexHNSW)
	}
	return []string{ratioFinding(own), fallFinding(own), coderFinding(ofIndex(all, coder.Key))}, nil
}

// fallFinding returns a sentence with the largest decrease of the overlap and the first empty slots.
func fallFinding(own []setting) string {
	fall, at := 0.0, own[0].ks()[0]
	var where []string
	for _, s := range own {
		points := s.points(overlap)
		for i := 1; i < len(points); i++ {
			if step := points[i-1].mean - points[i].mean; step > fall {
				fall, at = step, points[i].k
			}
		}
		if k := s.firstEmpty(); k > 0 {
			where = append(where, fmt.Sprintf("k = %d with %s", k, s.name()))
		}
	}
	text := fmt.Sprintf("From one k to the next HNSW's overlap decreases by at most %.1f percentage points (at k = %d), ", 100*fall, at)
	if where == nil {
		return text + "and every query gets as many neighbours as it requests."
	}
	return text + "and the first query that gets fewer neighbours than it requests occurs at " + strings.Join(where, ", ") + "."
}

// coderFinding returns a sentence with the overlap of coder/hnsw and its range over efSearch.
func coderFinding(all []setting) string {
	name := label(coder.Key)
	shared := sharedK(all)
	if len(shared) == 0 {
		return name + " was not run."
	}
	var at []string
	widest := 0.0
	for _, k := range shared {
		low, high := spread(all, func(setting) int { return k })
		widest = max(widest, high-low)
		if k == shared[0] || k == shared[len(shared)-1] {
			at = append(at, fmt.Sprintf("%s at k = %d", between(low, high), k))
		}
	}
	return fmt.Sprintf("%s, on the same points, reaches %s, and its overlaps at different efSearch differ by at most %.1f percentage points.",
		name, strings.Join(at, " and "), 100*widest)
}
