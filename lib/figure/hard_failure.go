package figure

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/capacity"
	"anncapacity/lib/study"
)

// HardFailure draws the k at which the first of so many queries is expected to get fewer neighbours than it asks for:
// an order statistic of capacity, so it falls as more are asked. One panel varies efSearch, one efConstruction, one M; the rest is
// M 32, efConstruction 200, efSearch 50.
func HardFailure(rows []capacity.HardFailureRow, about Subject) (*Figure, error) {
	if len(rows) == 0 {
		return nil, errors.New("figure: no hard failures")
	}
	p := &plate{
		name: "HardFailure", title: "The first k to fail, against the number of queries\n" + about.withRuns(1), width: DoubleColumn, height: 2.1 * vg.Inch,
		panels: make([][]panel, 1), data: [][]string{row("varies", "m", "ef_construction", "ef_search", "queries", "expected_first_k")},
	}
	for i, v := range hardFailurePanels {
		drawn := newPanel(fmt.Sprintf("%c   first k expected to fail", 'a'+i), "queries")
		drawn.X.Tick.Marker, drawn.Y.Min = logTicks(powers), 0
		legend := newBlock(v.heading)
		for j, group := range groupBy(ordered(filter(rows, v.holds), v.value), v.value) {
			var line plotter.XYs
			for _, r := range group {
				line = append(line, plotter.XY{X: math.Log10(float64(r.Queries)), Y: r.K})
				p.data = append(p.data, row(v.parameter, r.M, r.EfConstruction, r.EfSearch, r.Queries, r.K))
			}
			legend.add(fmt.Sprintf("%s %d", v.parameter, v.value(group[0])), drawn.addLine(line, styleAt(j), 1)...)
		}
		p.panels[0], p.legends = append(p.panels[0], drawn), append(p.legends, legend)
	}
	return p.figure(), nil
}

// hardFailurePanels vary one parameter each.
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

// ordered sorts rows by a number and leaves those of one number as they are.
func ordered[R any](rows []R, by func(R) int) []R {
	slices.SortStableFunc(rows, func(a, b R) int { return cmp.Compare(by(a), by(b)) })
	return rows
}

// filter is a new slice of the rows to keep.
func filter[R any](rows []R, keep func(R) bool) (kept []R) {
	for _, r := range rows {
		if keep(r) {
			kept = append(kept, r)
		}
	}
	return kept
}
