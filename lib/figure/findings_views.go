package figure

import (
	"fmt"
	"strings"

	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

// FiveViewsFindings says in three sentences what the views beside overlap show of a condition on the project's index, at
// the largest k; every number in them is computed from the records.
func FiveViewsFindings(records []study.Record, condition int) ([]string, error) {
	return settingsOf{records, condition, study.IndexHNSW}.viewsFindings()
}

func (o settingsOf) viewsFindings() ([]string, error) {
	all, err := o.get()
	if err != nil {
		return nil, err
	}
	ks := all[0].ks()
	k := ks[len(ks)-1]
	return []string{
		fmt.Sprintf("At k = %d the neighbours found are farther away than as many exact ones by %s.", k, each(all, fiveViews[2].ann, k, "%.2f %%")),
		fmt.Sprintf("Their barycentre lies off the exact one by %s of the neighbourhood's radius.", each(all, percent(fiveViews[3].ann), k, "%.1f %%")),
		fmt.Sprintf("The intrinsic dimension that they suggest is %s of the exact neighbours', empty slots left out.", each(all, lidRatio, k, "%.0f %%")),
	}, nil
}

var lidRatio = measure{"lid_ratio", func(r study.Record) float64 { return 100 * r.Of(fidelity.LID.Mean) / r.Of(fidelity.LID.ExactMean) }}

func percent(m measure) measure {
	return measure{m.column, func(r study.Record) float64 { return 100 * m.of(r) }}
}

// each is, for example, "3.6 % (efSearch 25), 2.6 % (50), 1.9 % (75)".
func each(all []setting, m measure, k int, format string) string {
	var said []string
	for i, s := range all {
		name := fmt.Sprint(s.value)
		if i == 0 {
			name = s.name()
		}
		if x, ok := s.at(m, k); ok {
			said = append(said, fmt.Sprintf(format+" (%s)", x, name))
		}
	}
	return strings.Join(said, ", ")
}

// IndexQualityFindings says what the records of condition 2 show: what a better index gains, where efConstruction 50 is
// best, and where slots stay empty.
func IndexQualityFindings(records []study.Record) ([]string, error) {
	all, err := settings(records, 2, study.IndexHNSW)
	if err != nil {
		return nil, err
	}
	first, last := all[0], all[len(all)-1]
	said := []string{gainFinding(all[min(1, len(all)-1)], last), bestFinding(all)}
	ks := first.ks()
	k := ks[len(ks)-1]
	said = append(said, fmt.Sprintf("Overlap does not say all: at k = %d the overlap is %s, and the barycentre shift %s of the radius.",
		k, each(all, percent(overlap), k, "%.1f %%"), each(all, percent(fiveViews[3].ann), k, "%.1f %%")))
	return append(said, emptyFindings(all)), nil
}

// gainFinding compares two settings over all k.
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

// bestFinding says for each setting at which k its overlap is the best.
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
	return fmt.Sprintf("Of the %d k, the best overlap is that of %s.", len(all[0].ks()), strings.Join(said, ", of "))
}

// emptyFindings says where some query gets fewer neighbours than it asks for.
func emptyFindings(all []setting) string {
	var said, never []string
	for _, s := range all {
		first := 0
		for _, p := range s.points(emptyShare) {
			if p.mean > 0 && first == 0 {
				first = p.k
			}
		}
		if first == 0 {
			never = append(never, s.name())
			continue
		}
		said = append(said, fmt.Sprintf("k = %d with %s", first, s.name()))
	}
	text := "No query gets fewer neighbours than it asks for"
	if len(said) > 0 {
		text = "The first query to get fewer neighbours than it asks for is met at " + strings.Join(said, ", ")
		if len(never) > 0 {
			text += "; none with " + strings.Join(never, ", ")
		}
	}
	return text + "."
}

// ScaledEffortFindings says what the records of condition 3 show: the overlap of each alpha, and where slots stay empty.
func ScaledEffortFindings(records []study.Record) ([]string, error) {
	all, err := settings(records, 3, study.IndexHNSW)
	if err != nil {
		return nil, err
	}
	const from = 80
	var said []string
	for _, s := range all {
		low, high := 1.0, 0.0
		for _, p := range s.points(overlap) {
			if p.k >= from {
				low, high = min(low, p.mean), max(high, p.mean)
			}
		}
		said = append(said, fmt.Sprintf("%s with %s", between(low, high), s.name()))
	}
	least := all[0].ks()[0]
	return []string{
		fmt.Sprintf("From k = %d on the overlap is %s.", from, strings.Join(said, ", ")),
		fmt.Sprintf("Small k are the hard ones, where efSearch is small too: at k = %d the overlap is %s.", least, each(all, percent(overlap), least, "%.1f %%")),
		emptyFindings(all),
	}, nil
}
