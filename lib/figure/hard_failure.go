package figure

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/capacity"
	"anncapacity/lib/internal/plate"
	"anncapacity/lib/study"
)

var hardFailure = Entry{
	Name:        "HardFailure",
	From:        "hard_failure.csv",
	Shows:       "The k at which the first of a number of queries is expected to get fewer neighbours than it requests: an order statistic, which depends on the number of queries, efSearch, efConstruction and M.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return HardFailure(r.Capacity.HardFailure, about) },
	unavailable: withoutTables,
	findings:    func(r *Results) ([]string, error) { return hardFailureFindings(r.Capacity.HardFailure) },
}

// HardFailure draws the k at which the first of a number of queries is expected to get fewer neighbours than it requests. It is
// an order statistic of capacity, so it decreases with the number of queries. One panel varies efSearch, one efConstruction and
// one M; the other parameters are M 32, efConstruction 200, efSearch 50.
func HardFailure(rows []capacity.HardFailureRow, about Subject) (*Figure, error) {
	if len(rows) == 0 {
		return nil, errors.New("figure: no hard failures")
	}
	p := &plate.Plate{Title: "The first k to fail, against the number of queries\n" + about.withRuns(1), Width: plate.DoubleColumn, Height: 2.1 * vg.Inch}
	table := [][]string{row("varies", "m", "ef_construction", "ef_search", "queries", "expected_first_k")}
	for i, v := range hardFailurePanels {
		drawn := plate.NewPanel(plate.Letter(i, "first k expected to fail"), "queries")
		drawn.X.Tick.Marker, drawn.Y.Min = plate.LogTicks(plate.Powers), 0
		legend := plate.NewLegend(v.heading)
		for j, group := range groupBy(ordered(filter(rows, v.holds), v.value), v.value) {
			var line plotter.XYs
			for _, r := range group {
				line = append(line, plotter.XY{X: math.Log10(float64(r.Queries)), Y: r.K})
				table = append(table, row(v.parameter, r.M, r.EfConstruction, r.EfSearch, r.Queries, r.K))
			}
			legend.Add(fmt.Sprintf("%s %d", v.parameter, v.value(group[0])), drawn.Line(line, plate.Shade(j), line)...)
		}
		p.Panels, p.Legends = append(p.Panels, drawn), append(p.Legends, legend)
	}
	return newFigure("HardFailure", p, table), nil
}

// hardFailurePanels lists the panels. Each varies one parameter.
var hardFailurePanels = []struct {
	parameter, heading string
	value              func(capacity.HardFailureRow) int
	holds              func(capacity.HardFailureRow) bool
}{
	{"efSearch", "M 32, efConstruction 200", func(r capacity.HardFailureRow) int { return r.EfSearch },
		func(r capacity.HardFailureRow) bool { return r.M == study.M && r.EfConstruction == 200 }},
	{"efConstruction", "M 32, efSearch 50", func(r capacity.HardFailureRow) int { return r.EfConstruction },
		func(r capacity.HardFailureRow) bool { return r.M == study.M && r.EfSearch == 50 }},
	{"M", "efConstruction 200, efSearch 50", func(r capacity.HardFailureRow) int { return r.M },
		func(r capacity.HardFailureRow) bool { return r.EfConstruction == 200 && r.EfSearch == 50 }},
}

func hardFailureFindings(rows []capacity.HardFailureRow) ([]string, error) {
	panel := hardFailurePanels[0]
	queries, last := atLargest(filter(rows, panel.holds), func(r capacity.HardFailureRow) int { return r.Queries })
	return []string{fmt.Sprintf("Of %s queries the first is expected to fail at k = %s, with %s.", thousands(queries),
		inTurn(last, panel.parameter, func(r capacity.HardFailureRow) (string, any) { return fmt.Sprintf("%.0f", r.K), panel.value(r) }), panel.heading)}, nil
}
