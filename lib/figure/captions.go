package figure

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"anncapacity/lib/capacity"
	"anncapacity/lib/study"
)

// Caption is what the entry shows, then what the results say there: every number in it is computed from them.
func (e Entry) Caption(r *Results) (string, error) {
	if e.tells == nil {
		return e.Shows, nil
	}
	said, err := e.tells(r)
	if errors.Is(err, errNoRecords) {
		return e.Shows, nil
	}
	return strings.Join(append([]string{e.Shows}, said...), " "), err
}

// inTurn is, for example, "52.1 % (efSearch 25), 71.0 % (50)".
func inTurn[R any](rows []R, parameter string, say func(R) (value string, of any)) string {
	var said []string
	for i, r := range rows {
		value, of := say(r)
		if i == 0 && parameter != "" {
			of = fmt.Sprint(parameter, " ", of)
		}
		said = append(said, fmt.Sprintf("%s (%v)", value, of))
	}
	return strings.Join(said, ", ")
}

// atLargest are the rows of the largest number, in their order.
func atLargest[R any](rows []R, number func(R) int) (largest int, these []R) {
	for _, r := range rows {
		largest = max(largest, number(r))
	}
	return largest, filter(rows, func(r R) bool { return number(r) == largest })
}

func shareOf(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) }

func overlapFindings(r *Results) ([]string, error) {
	said, err := FixedEffortFindings(r.Records)
	if err != nil {
		return nil, err
	}
	all, err := settings(r.Records, 1, study.IndexHNSW)
	if err != nil {
		return nil, err
	}
	return append([]string{overlapAtLargestK(all)}, append(said[1:], bands(all)...)...), nil
}

func overlapAtLargestK(all []setting) string {
	k := slices.Max(all[0].ks())
	return fmt.Sprintf("At k = %d the overlap is %s.", k, each(all, percent(overlap), k, "%.1f %%"))
}

func collapseFindings(r *Results) ([]string, error) {
	said, err := FixedEffortFindings(r.Records)
	if err != nil {
		return nil, err
	}
	return said[:1], nil
}

// viewsFindings are those of the five views of a condition on an index.
func viewsFindings(condition int, index string) func(*Results) ([]string, error) {
	return func(r *Results) ([]string, error) {
		of := settingsOf{r.Records, condition, index}
		said, err := of.viewsFindings()
		if err != nil {
			return nil, err
		}
		all, err := of.get()
		return append(said, bands(all)...), err
	}
}

// bands says what the bands around the lines are, where there are any.
func bands(all []setting) []string {
	if runs := len(all[0].runs); runs > 1 {
		return []string{fmt.Sprintf("Bands are 95 %% intervals of the mean over %d runs (Student's t).", runs)}
	}
	return nil
}

// publishedFindings sets the authors' overlaps at the largest k beside ours.
func publishedFindings(condition int, records func(*Results) []study.Record) func(*Results) ([]string, error) {
	return func(r *Results) ([]string, error) {
		all, err := settings(records(r), condition, study.IndexHNSW)
		if err != nil {
			return nil, err
		}
		k := slices.Max(all[0].ks())
		all = filter(all, func(s setting) bool { _, ok := study.PublishedAt(condition, s.value, k); return ok })
		if len(all) == 0 {
			return nil, nil
		}
		theirs := inTurn(all, "", func(s setting) (string, any) {
			row, _ := study.PublishedAt(condition, s.value, k)
			return shareOf(row.Overlap), s.value
		})
		return []string{overlapAtLargestK(all), "Published: " + theirs + "."}, nil
	}
}

func surfaceFindings(rows []capacity.SurfaceRow) ([]string, error) {
	s, err := newSurface(rows)
	if err != nil {
		return nil, err
	}
	reached := filter(surfaceLevels, func(level float64) bool { _, ok := s.crossing(level); return ok })
	if len(reached) == 0 {
		return nil, nil
	}
	return []string{fmt.Sprintf("At k = %.0f the efSearch that it takes is %s.", s.x[len(s.x)-1], inTurn(reached, "overlap", func(level float64) (string, any) {
		y, _ := s.crossing(level)
		return fmt.Sprintf("%.0f", math.Ceil(math.Pow(10, y)-1e-9)), level
	}))}, nil
}

func capacityFindings(rows []capacity.Row) ([]string, error) {
	groups := groupBy(rows, func(r capacity.Row) int { return r.EfSearch })
	visited := func(share float64) string {
		return inTurn(groups, "efSearch", func(group []capacity.Row) (string, any) {
			least := math.MaxInt
			for _, r := range group {
				if r.Share >= share {
					least = min(least, r.Capacity)
				}
			}
			return thousands(least), group[0].EfSearch
		})
	}
	return []string{"The query that visits least visits " + visited(0) + " nodes; half of them visit at most " + visited(.5) + "."}, nil
}

func failureFindings(r *Results) ([]string, error) {
	others, err := settings(withoutRun0(r.Records), 1, study.IndexHNSW)
	if err != nil {
		return nil, err
	}
	k, rows := atLargest(r.Capacity.Failure, func(r capacity.FailureRow) int { return r.K })
	predicted := inTurn(rows, "efSearch", func(r capacity.FailureRow) (string, any) { return shareOf(r.Predicted), r.EfSearch })
	observed := inTurn(rows, "efSearch", func(r capacity.FailureRow) (string, any) {
		return shareOf(observedFailures(others, r.EfSearch)[k].mean), r.EfSearch
	})
	return []string{fmt.Sprintf("At k = %d the predicted share is %s, the observed one %s.", k, predicted, observed)}, nil
}

func hardFailureFindings(rows []capacity.HardFailureRow) ([]string, error) {
	panel := hardFailurePanels[0]
	queries, last := atLargest(filter(rows, panel.holds), func(r capacity.HardFailureRow) int { return r.Queries })
	return []string{fmt.Sprintf("Of %s queries the first is expected to fail at k = %s, with %s.", thousands(queries),
		inTurn(last, panel.parameter, func(r capacity.HardFailureRow) (string, any) { return fmt.Sprintf("%.0f", r.K), panel.value(r) }), panel.heading)}, nil
}

func policyFindings(rows []capacity.PolicyRow) ([]string, error) {
	k, last := atLargest(rows, func(r capacity.PolicyRow) int { return r.K })
	return []string{fmt.Sprintf("At k = %d and efSearch %d the overlap is %s, and the share of slots that are filled %s.", k, last[0].EfSearch,
		inTurn(last, "", func(r capacity.PolicyRow) (string, any) { return shareOf(r.Overlap), r.Policy }),
		inTurn(last, "", func(r capacity.PolicyRow) (string, any) { return shareOf(r.Fill), r.Policy }))}, nil
}

// constructionFindings compare the selections where efConstruction is least.
func constructionFindings(rows []capacity.ConstructionRow) ([]string, error) {
	rows = filter(rows, func(r capacity.ConstructionRow) bool { return r.M == study.M })
	if len(rows) == 0 {
		return nil, nil
	}
	least := slices.MinFunc(rows, func(a, b capacity.ConstructionRow) int { return cmp.Compare(a.EfConstruction, b.EfConstruction) }).EfConstruction
	rows = filter(rows, func(r capacity.ConstructionRow) bool { return r.EfConstruction == least })
	return []string{fmt.Sprintf("At efConstruction %d a node has %s links, and the overlap at k = 500 is %s.", least,
		inTurn(rows, "selection", func(r capacity.ConstructionRow) (string, any) { return fmt.Sprintf("%.1f", r.MeanLinks), r.Selection }),
		inTurn(rows, "", func(r capacity.ConstructionRow) (string, any) { return shareOf(r.Overlap500), r.Selection }))}, nil
}

func hubnessFindings(rows []capacity.HubnessRow) ([]string, error) {
	groups := groupBy(ordered(slices.Clone(rows), func(r capacity.HubnessRow) int { return r.K }), func(r capacity.HubnessRow) int { return r.K })
	var said []string
	for _, group := range [][]capacity.HubnessRow{groups[0], groups[len(groups)-1]} {
		by := func(a, b capacity.HubnessRow) int { return cmp.Compare(a.ANN, b.ANN) }
		said = append(said, fmt.Sprintf("%.2f in exact lists and %.2f to %.2f in approximate ones at k = %d", group[0].Exact,
			slices.MinFunc(group, by).ANN, slices.MaxFunc(group, by).ANN, group[0].K))
	}
	return []string{"It is " + strings.Join(said, ", ") + "."}, nil
}
