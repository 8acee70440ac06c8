package figure

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/capacity"
)

// Hubness draws the skewness of the k-occurrence, how many lists of neighbours a point is in, for approximate lists at
// each efSearch and for exact lists. Larger means that fewer points are in more lists.
func Hubness(rows []capacity.HubnessRow, about Subject) (*Figure, error) {
	if len(rows) == 0 {
		return nil, errors.New("figure: no hubness")
	}
	p := newPanel("skewness of the k-occurrence", "neighbours asked, k")
	p.X.Tick.Marker = plot.TickerFunc(decades125)
	legend := newBlock("HNSW (this project), run 0")
	data := [][]string{row("ef_search", "k", "exact", "ann")}
	var exact plotter.XYs
	for i, group := range groupBy(rows, func(r capacity.HubnessRow) int { return r.EfSearch }) {
		var line plotter.XYs
		for _, r := range group {
			line = append(line, plotter.XY{X: math.Log10(float64(r.K)), Y: r.ANN})
			data = append(data, row(r.EfSearch, r.K, r.Exact, r.ANN))
			if i == 0 {
				exact = append(exact, plotter.XY{X: math.Log10(float64(r.K)), Y: r.Exact})
			}
		}
		legend.add(fmt.Sprintf("efSearch %d", group[0].EfSearch), p.addLine(line, styleAt(i), 1)...)
	}
	legend.add("exact neighbours", p.addLine(exact, exactStyle, 0)...)
	p.Y.Min = min(p.Y.Min, 0)
	return (&plate{
		name: "Hubness", title: "Hubness of exact and approximate lists\n" + about.withRuns(1), width: SingleColumn, height: 2.2 * vg.Inch,
		panels: [][]panel{{p}}, legends: []*block{legend}, data: data,
	}).figure(), nil
}
