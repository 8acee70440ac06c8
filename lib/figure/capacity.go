package figure

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/capacity"
	"anncapacity/lib/internal/plate"
)

var capacities = Entry{
	Name:        "Capacity",
	From:        "capacity.csv",
	Shows:       "Number of nodes that a search visits: the cumulative share of the queries of run 0, on a logarithmic axis, which shows the few queries that visit least.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return Capacity(r.Capacity.Capacity, about) },
	unavailable: withoutTables,
	findings:    func(r *Results) ([]string, error) { return capacityFindings(r.Capacity.Capacity) },
}

// Capacity draws the cumulative distribution of the number of nodes that the queries of run 0 visit, one line for each
// efSearch. The share of queries is on a logarithmic axis, because the few queries that visit least are the first to fail.
func Capacity(rows []capacity.Row, about Subject) (*Figure, error) {
	if len(rows) == 0 {
		return nil, errors.New("figure: no capacities")
	}
	p := plate.NewPanel("share of queries that visit no more", "capacity: nodes visited")
	p.X.Min = 0
	p.Y.Tick.Marker = plate.LogTicks(plate.Percents)
	legend := plate.NewLegend("HNSW (this project), run 0")
	data := [][]string{row("ef_search", "capacity", "share_at_most")}
	for i, group := range groupBy(rows, func(r capacity.Row) int { return r.EfSearch }) {
		var line plotter.XYs
		for _, r := range group {
			line = append(line, plotter.XY{X: float64(r.Capacity), Y: math.Log10(r.Share)})
			data = append(data, row(r.EfSearch, r.Capacity, r.Share))
		}
		legend.Add(fmt.Sprintf("efSearch %d", group[0].EfSearch), p.Line(line, plate.Shade(i), plate.Every(len(line)/6, line))...)
	}
	return newFigure("Capacity", &plate.Plate{
		Title: "Capacity of a search\n" + about.withRuns(1), Width: plate.SingleColumn, Height: 2.4 * vg.Inch,
		Panels: []plate.Panel{p}, Legends: []*plate.Legend{legend},
	}, data), nil
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
	return []string{"The query that visits the fewest nodes visits " + visited(0) + "; half of the queries visit at most " + visited(.5) + "."}, nil
}
