package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/audit/filters"
	"anncapacity/lib/internal/plate"
)

var filterCapacity = Entry{
	Name: "FilterCapacity",
	From: filters.File,
	Shows: "What a search with a filter returns, for filters of different selectivity and several efSearch, against capacity × selectivity / k: " +
		"the number of visited vectors that match, for each that is asked for. " +
		"The dashed line is the fill if the filter is independent of the vectors and nothing but the visited can be returned.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return FilterCapacity(r.Filters, about) },
	unavailable: func(r *Results) string { return unless(visits(r.Filters), "the walks of notebook 8 are missing") },
	findings:    func(r *Results) ([]string, error) { return FilterCapacityFindings(r.Filters), nil },
}

// visits reports whether the numbers of visited nodes are known.
func visits(rows []filters.Row) bool {
	return len(filter(rows, func(r filters.Row) bool { return r.Visited > 0 })) > 0
}

var filterStyles = []plate.Style{
	{Color: plate.Grey, Marker: draw.RingGlyph{}, Radius: 2.6},
	{Color: plate.Blue, Marker: draw.CrossGlyph{}},
	{Color: plate.Green, Marker: draw.PyramidGlyph{}},
	{Color: plate.Vermilion, Marker: draw.CircleGlyph{}},
	{Color: plate.Orange, Marker: draw.TriangleGlyph{}, Radius: 2.2},
	{Color: plate.Purple, Marker: draw.SquareGlyph{}, Radius: 2.2},
}

// FilterCapacity draws the fill and the recall of each way against the number of visited vectors that match for each that is asked for.
func FilterCapacity(rows []filters.Row, about Subject) (*Figure, error) {
	if !visits(rows) {
		return nil, fmt.Errorf("figure: %w of walks", errNoRecords)
	}
	const x = "capacity × selectivity / k"
	fill, recall := plate.NewPanel(plate.Letter(0, "fill"), x), plate.NewPanel(plate.Letter(1, "recall among the matching"), x)
	legends := []*plate.Legend{plate.NewLegend(fmt.Sprintf("k = %d", rows[0].K)), plate.NewLegend(" ")}
	table := [][]string{row("way", "label", "selectivity", "k", "ef_search", "visited", "matching_visited_over_k", "fill", "recall")}
	low, high := math.Inf(1), math.Inf(-1)
	for i, way := range filters.Ways {
		var fills, recalls plotter.XYs
		for _, r := range filter(rows, func(r filters.Row) bool { return r.Way == way.Key && r.Visited > 0 }) {
			at := math.Log10(reach(r))
			fills, recalls = append(fills, plotter.XY{X: at, Y: r.Fill}), append(recalls, plotter.XY{X: at, Y: r.Recall})
			low, high = min(low, at), max(high, at)
			table = append(table, row(r.Way, r.Label, r.Selectivity, r.K, r.EfSearch, r.Visited, reach(r), r.Fill, r.Recall))
		}
		if len(fills) > 0 {
			legends[2*i/len(filters.Ways)].Add(way.Name, fill.Marks(fills, filterStyles[i]))
			recall.Marks(recalls, filterStyles[i])
		}
	}
	legends[1].Add("min(1, capacity × selectivity / k)", fill.Line(evenly(low, high), plate.Reference, nil)...)
	recall.Line(evenly(low, high), plate.Reference, nil)
	for _, p := range []plate.Panel{fill, recall} {
		p.Include(0, 1)
		p.X.Tick.Marker = plate.FewOrManyDecades
		p.X.Min, p.X.Max = p.X.Min-.05, p.X.Max+.05
	}
	return newFigure("FilterCapacity", &plate.Plate{
		Width: plate.DoubleColumn, Height: 2.4 * vg.Inch, Panels: []plate.Panel{fill, recall}, Legends: legends,
		Title: fmt.Sprintf("Filters: what comes back\n%s · %s", about.source(), count(rows[0].Queries, "query vector")),
	}, table), nil
}

// reach returns the expected number of visited vectors that match for each that an answer can hold.
func reach(r filters.Row) float64 {
	return r.Visited * r.Selectivity / float64(min(r.K, r.Matching))
}

// evenly returns the line min(1, x) between two common logarithms of x.
func evenly(low, high float64) (line plotter.XYs) {
	for i := range 101 {
		x := low + (high-low)*float64(i)/100
		line = append(line, plotter.XY{X: x, Y: min(1, math.Pow(10, x))})
	}
	return line
}

// FilterCapacityFindings says how near the fill of the walks is to the dashed line, whether FAISS returns the same as the walks, and how
// many answers come back at the strictest filter with the smallest efSearch.
func FilterCapacityFindings(rows []filters.Row) (said []string) {
	of := func(way string) []filters.Row { return filter(rows, func(r filters.Row) bool { return r.Way == way }) }
	walks := of("walk")
	if len(walks) == 0 {
		return nil
	}
	most, strictest := 0.0, walks[0]
	for _, r := range walks {
		most = max(most, math.Abs(r.Fill-min(1, reach(r))))
		if r.Selectivity < strictest.Selectivity || r.Selectivity == strictest.Selectivity && r.EfSearch < strictest.EfSearch {
			strictest = r
		}
	}
	said = append(said, fmt.Sprintf("The fill of the walks differs from the dashed line by at most %.2f.", most))
	differ := 0
	for _, f := range of("faiss") {
		for _, w := range walks {
			if w.Label == f.Label && w.EfSearch == f.EfSearch && (w.Recall != f.Recall || w.Fill != f.Fill) {
				differ++
			}
		}
	}
	said = append(said, fmt.Sprintf("FAISS has another recall or fill than the walks on its graph in %d of %d settings.", differ, len(of("faiss"))))
	return append(said, fmt.Sprintf("With efSearch = %d and a filter that %s of the vectors match, the fill is %s.", strictest.EfSearch, shareOf(strictest.Selectivity),
		inTurn(atSetting(rows, strictest), "", func(r filters.Row) (string, any) { return shareOf(r.Fill), wayNames[r.Way] })))
}

// atSetting returns the rows of all ways with the filter and the efSearch of one, in the order of the ways.
func atSetting(rows []filters.Row, one filters.Row) (all []filters.Row) {
	for _, w := range filters.Ways {
		all = append(all, filter(rows, func(r filters.Row) bool { return r.Way == w.Key && r.Label == one.Label && r.EfSearch == one.EfSearch })...)
	}
	return all
}

var wayNames = func() map[string]string {
	names := map[string]string{}
	for _, w := range filters.Ways {
		names[w.Key] = w.Name
	}
	return names
}()
