package figure

import (
	"fmt"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/capacity"
	"anncapacity/lib/study"
)

// Construction draws links per node and overlap at efSearch 50 against efConstruction, for M 32, under both rules of
// selection: FAISS's, which selects only when the links do not fit, and the one that always does.
func Construction(rows []capacity.ConstructionRow, about Subject) (*Figure, error) {
	rows = filter(rows, func(r capacity.ConstructionRow) bool { return r.M == study.M })
	if len(rows) == 0 {
		return nil, fmt.Errorf("figure: no graphs of M %d", study.M)
	}
	p := &plate{
		name: "Construction", title: "Selection of links against efConstruction\n" + about.withRuns(1), width: DoubleColumn, height: 2.1 * vg.Inch,
		panels: [][]panel{nil}, legends: []*block{newBlock("HNSW (this project), run 0, M 32, efSearch 50: selection of links")},
		data: [][]string{row("m", "ef_construction", "selection", "mean_links", "overlap_100", "overlap_500")},
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
		drawn := newPanel(fmt.Sprintf("%c   %s", 'a'+i, v.title), "efConstruction")
		drawn.X.Min, drawn.X.Tick.Marker = 0, everyMultiple(100)
		for j, group := range groups {
			var line plotter.XYs
			for _, r := range group {
				line = append(line, plotter.XY{X: float64(r.EfConstruction), Y: v.of(r)})
			}
			s := styleAt(2 * j)
			if j > 0 {
				s.dashes = []vg.Length{3, 3} // so that equal lines show both
			}
			thumbs := drawn.addLine(line, s, 1)
			if i == 0 {
				p.legends[0].add(group[0].Selection, thumbs...)
			}
		}
		p.panels[0] = append(p.panels[0], drawn)
	}
	for _, r := range rows {
		p.data = append(p.data, row(r.M, r.EfConstruction, r.Selection, r.MeanLinks, r.Overlap100, r.Overlap500))
	}
	return p.figure(), nil
}
