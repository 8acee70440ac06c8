package figure

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/capacity"
)

// Capacity draws how many nodes the queries of run 0 visit: the share of them that visit at most so many, one line for
// each efSearch. The share is on a logarithmic axis, because the few queries that visit least are the first to fail.
func Capacity(rows []capacity.Row, about Subject) (*Figure, error) {
	if len(rows) == 0 {
		return nil, errors.New("figure: no capacities")
	}
	p := newPanel("share of queries that visit no more", "capacity: nodes visited")
	p.X.Min = 0
	p.Y.Tick.Marker = logTicks(percents)
	legend := newBlock("HNSW (this project), run 0")
	data := [][]string{row("ef_search", "capacity", "share_at_most")}
	for i, group := range groupBy(rows, func(r capacity.Row) int { return r.EfSearch }) {
		var line plotter.XYs
		for _, r := range group {
			line = append(line, plotter.XY{X: float64(r.Capacity), Y: math.Log10(r.Share)})
			data = append(data, row(r.EfSearch, r.Capacity, r.Share))
		}
		legend.add(fmt.Sprintf("efSearch %d", group[0].EfSearch), p.addLine(line, styleAt(i), len(line)/6)...)
	}
	return (&plate{
		name: "Capacity", title: "Capacity of a search\n" + about.withRuns(1), width: SingleColumn, height: 2.4 * vg.Inch,
		panels: [][]panel{{p}}, legends: []*block{legend}, data: data,
	}).figure(), nil
}

// groupBy gathers the rows of one key, keys in the order in which they first appear.
func groupBy[R any, K comparable](rows []R, key func(R) K) (groups [][]R) {
	at := map[K]int{}
	for _, r := range rows {
		i, known := at[key(r)]
		if !known {
			i = len(groups)
			at[key(r)] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}
