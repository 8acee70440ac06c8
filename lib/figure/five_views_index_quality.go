package figure

import (
	"fmt"
	"strings"

	"anncapacity/lib/study"
)

var fiveViewsIndexQuality = Entry{
	Name:     "FiveViewsIndexQuality",
	From:     study.RecordsFile,
	Shows:    "Condition 2, efConstruction varies, in the five views.",
	Draw:     func(r *Results, about Subject) (*Figure, error) { return FiveViewsIndexQuality(r.Records, about) },
	findings: viewsOfIndexQuality.findings,
}

var viewsOfIndexQuality = fiveViewsOf{"FiveViewsIndexQuality", "Condition 2: efConstruction varies, efSearch 50", 2, study.IndexHNSW}

// FiveViewsIndexQuality draws the paper's five views of condition 2 on the project's index, one line for each efConstruction.
func FiveViewsIndexQuality(records []study.Record, about Subject) (*Figure, error) {
	return viewsOfIndexQuality.draw(records, about)
}

// IndexQualityFindings returns sentences on condition 2: the gain in overlap from the second efConstruction to the largest, the
// efConstruction with the highest overlap by k, overlap and barycentre shift at the largest k, and the first empty slots.
func IndexQualityFindings(records []study.Record) ([]string, error) {
	all, err := settings(records, 2, study.IndexHNSW)
	if err != nil {
		return nil, err
	}
	first, last := all[0], all[len(all)-1]
	said := []string{gainFinding(all[min(1, len(all)-1)], last), bestFinding(all)}
	ks := first.ks()
	k := ks[len(ks)-1]
	said = append(said, fmt.Sprintf("Overlap and barycentre shift are different measures: at k = %d the overlap is %s, and the barycentre shift is %s of the radius.",
		k, each(all, percent(overlap), k, "%.1f %%"), each(all, percent(barycenterShift), k, "%.1f %%")))
	return append(said, emptyFindings(all)), nil
}

// gainFinding returns a sentence that compares the overlaps of two settings over all k.
func gainFinding(a, b setting) string {
	least, most, at := 1.0, -1.0, 0
	for _, k := range a.ks() {
		x, _ := a.at(overlap, k)
		y, ok := b.at(overlap, k)
		if !ok {
			continue
		}
		least = min(least, y-x)
		if y-x > most {
			most, at = y-x, k
		}
	}
	return fmt.Sprintf("From %s to %s the overlap changes by %+.1f to %+.1f percentage points, most at k = %d.", a.name(), b.name(), 100*least, 100*most, at)
}

// bestFinding returns a sentence with the k at which each setting has the highest overlap.
func bestFinding(all []setting) string {
	best := make([][]int, len(all))
	for _, k := range all[0].ks() {
		leader, most := 0, -1.0
		for i, s := range all {
			if x, ok := s.at(overlap, k); ok && x > most {
				leader, most = i, x
			}
		}
		best[leader] = append(best[leader], k)
	}
	var said []string
	for i, ks := range best {
		if len(ks) > 0 {
			said = append(said, fmt.Sprintf("%s at %d of them (k = %d to %d)", all[i].name(), len(ks), ks[0], ks[len(ks)-1]))
		}
	}
	return fmt.Sprintf("Of the %d values of k, the highest overlap is that of %s.", len(all[0].ks()), strings.Join(said, ", of "))
}
