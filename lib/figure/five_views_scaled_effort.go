package figure

import (
	"fmt"
	"strings"

	"anncapacity/lib/study"
)

var fiveViewsScaledEffort = Entry{
	Name:     "FiveViewsScaledEffort",
	From:     study.RecordsFile,
	Shows:    "Condition 3, efSearch = alpha · k rounded down, in the five views.",
	Draw:     func(r *Results, about Subject) (*Figure, error) { return FiveViewsScaledEffort(r.Records, about) },
	findings: viewsOfScaledEffort.findings,
}

var viewsOfScaledEffort = fiveViewsOf{"FiveViewsScaledEffort", "Condition 3: efSearch = alpha · k", 3, study.IndexHNSW}

// FiveViewsScaledEffort draws the paper's five views of condition 3 on the project's index, one line for each alpha.
func FiveViewsScaledEffort(records []study.Record, about Subject) (*Figure, error) {
	return viewsOfScaledEffort.draw(records, about)
}

// ScaledEffortFindings returns sentences on condition 3: the overlap of each alpha, and the first empty slots.
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
		fmt.Sprintf("For k of at least %d the overlap is %s.", from, strings.Join(said, ", ")),
		fmt.Sprintf("At the smallest k, %d, where efSearch is smallest too, the overlap is %s.", least, each(all, percent(overlap), least, "%.1f %%")),
		emptyFindings(all),
	}, nil
}
