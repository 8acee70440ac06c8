package figure

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/capacity"
	"anncapacity/lib/internal/plate"
	"anncapacity/lib/study"
)

var construction = Entry{
	Name:  "Construction",
	From:  "construction.csv",
	Shows: "Links per node and overlap against efConstruction. If links are selected only when they exceed the maximum, as in FAISS, the graph of a small efConstruction remains dense.",
	Draw: func(r *Results, about Subject) (*Figure, error) {
		return Construction(r.Capacity.Construction, about)
	},
	unavailable: withoutTables,
	findings:    func(r *Results) ([]string, error) { return constructionFindings(r.Capacity.Construction) },
}

// Construction draws links per node and overlap at efSearch 50 against efConstruction, for M 32, for both rules of selection:
// FAISS's, which selects links only when they exceed the maximum, and the one that always does.
func Construction(rows []capacity.ConstructionRow, about Subject) (*Figure, error) {
	rows = filter(rows, func(r capacity.ConstructionRow) bool { return r.M == study.M })
	if len(rows) == 0 {
		return nil, fmt.Errorf("figure: no graphs of M %d", study.M)
	}
	p := &plate.Plate{
		Title: "Selection of links against efConstruction\n" + about.withRuns(1), Width: plate.DoubleColumn, Height: 2.1 * vg.Inch,
		Legends: []*plate.Legend{plate.NewLegend("HNSW (this project), run 0, M 32, efSearch 50: selection of links")},
	}
	groups := groupBy(rows, func(r capacity.ConstructionRow) string { return r.Selection })
	for i, v := range []struct {
		title string
		of    func(capacity.ConstructionRow) float64
	}{
		{"links per node on level 0", func(r capacity.ConstructionRow) float64 { return r.MeanLinks }},
		{"overlap at k = 100", func(r capacity.ConstructionRow) float64 { return r.Overlap100 }},
		{"overlap at k = 500", func(r capacity.ConstructionRow) float64 { return r.Overlap500 }},
	} {
		drawn := plate.NewPanel(plate.Letter(i, v.title), "efConstruction")
		drawn.X.Min, drawn.X.Tick.Marker = 0, plate.EveryMultiple(100)
		for j, group := range groups {
			var line plotter.XYs
			for _, r := range group {
				line = append(line, plotter.XY{X: float64(r.EfConstruction), Y: v.of(r)})
			}
			s := plate.Shade(2 * j)
			if j > 0 {
				s.Dashes = []vg.Length{3, 3} // both are visible if they coincide
			}
			thumbs := drawn.Line(line, s, line)
			if i == 0 {
				p.Legends[0].Add(group[0].Selection, thumbs...)
			}
		}
		p.Panels = append(p.Panels, drawn)
	}
	return newFigure("Construction", p, constructionTable(rows)), nil
}

func constructionTable(rows []capacity.ConstructionRow) [][]string {
	table := [][]string{row("m", "ef_construction", "selection", "mean_links", "overlap_100", "overlap_500")}
	for _, r := range rows {
		table = append(table, row(r.M, r.EfConstruction, r.Selection, r.MeanLinks, r.Overlap100, r.Overlap500))
	}
	return table
}

// constructionFindings compares the rules of selection at the smallest efConstruction.
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
