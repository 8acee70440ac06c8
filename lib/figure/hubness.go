package figure

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/capacity"
	"anncapacity/lib/internal/plate"
)

var hubness = Entry{
	Name:        "Hubness",
	From:        "hubness.csv",
	Shows:       "Skewness of the k-occurrence, the number of lists that contain a point, for exact and for approximate lists.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return Hubness(r.Capacity.Hubness, about) },
	unavailable: withoutTables,
	findings:    func(r *Results) ([]string, error) { return hubnessFindings(r.Capacity.Hubness) },
}

// Hubness draws the skewness of the k-occurrence, the number of lists of neighbours that contain a point, for approximate lists
// at each efSearch and for exact lists. A larger skewness means that fewer points are in more lists.
func Hubness(rows []capacity.HubnessRow, about Subject) (*Figure, error) {
	if len(rows) == 0 {
		return nil, errors.New("figure: no hubness")
	}
	p := plate.NewPanel("skewness of the k-occurrence", kLabel)
	p.X.Tick.Marker = plate.Decades125
	legend := plate.NewLegend("HNSW (this project), run 0")
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
		legend.Add(fmt.Sprintf("efSearch %d", group[0].EfSearch), p.Line(line, plate.Shade(i), line)...)
	}
	legend.Add("exact neighbours", p.Line(exact, plate.Reference, nil)...)
	p.Y.Min = min(p.Y.Min, 0)
	return newFigure("Hubness", &plate.Plate{
		Title: "Hubness of exact and approximate lists\n" + about.withRuns(1), Width: plate.SingleColumn, Height: 2.2 * vg.Inch,
		Panels: []plate.Panel{p}, Legends: []*plate.Legend{legend},
	}, data), nil
}

func hubnessFindings(rows []capacity.HubnessRow) ([]string, error) {
	groups := groupBy(ordered(slices.Clone(rows), func(r capacity.HubnessRow) int { return r.K }), func(r capacity.HubnessRow) int { return r.K })
	var said []string
	for _, group := range [][]capacity.HubnessRow{groups[0], groups[len(groups)-1]} {
		by := func(a, b capacity.HubnessRow) int { return cmp.Compare(a.ANN, b.ANN) }
		said = append(said, fmt.Sprintf("%.2f in exact lists and %.2f to %.2f in approximate ones at k = %d", group[0].Exact,
			slices.MinFunc(group, by).ANN, slices.MaxFunc(group, by).ANN, group[0].K))
	}
	return []string{"The skewness is " + strings.Join(said, ", ") + "."}, nil
}
