package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/own"
	"anncapacity/lib/internal/plate"
)

var engineFilters = Entry{
	Name: "EngineFilters",
	From: "engines.csv and " + compare.FiltersFile,
	Shows: "Searches in which only some of the points may be answers, with each engine's own filter or deletion: the overlap with the exact neighbours among those points, " +
		"and the share of the slots that they fill, against the share of points that match a filter and the share that are deleted. " +
		"Which points match or are deleted does not depend on their positions. Exact engines are not drawn, and of the policies of this project's index only one.",
	Draw: func(r *Results, about Subject) (*Figure, error) {
		return EngineFilters(r.Engines, r.EngineFilters, about)
	},
	unavailable: withoutFilters,
	findings:    func(r *Results) ([]string, error) { return EngineFiltersFindings(r.EngineFilters) },
}

// anywhere returns the records of searches in which positions have no role, and those of engines that failed.
func anywhere(all []compare.FilterRecord) []compare.FilterRecord {
	return filter(all, func(r compare.FilterRecord) bool { return !byPosition(r) })
}

// byPosition reports whether the points that match depend on their positions.
func byPosition(r compare.FilterRecord) bool {
	return r.Correlation == compare.Near || r.Correlation == compare.Far
}

// withoutFilters returns why EngineFilters cannot be drawn, "" if it can.
func withoutFilters(r *Results) string {
	if why := withoutEngines(r); why != "" {
		return why
	}
	return unless(len(r.EngineFilters) > 0, "anncapacity engines --filters was not run")
}

// restrictedLines returns the names of the approximate engines with records of a restriction, and their records at the smallest k and
// efSearch, ascending by share. Of the policies of this project's index, only the first is among them.
func restrictedLines(all []compare.FilterRecord, of restriction) (names []string, lines map[string][]compare.FilterRecord) {
	approximate := filter(all, func(r compare.FilterRecord) bool {
		return r.Kind == of.kind && r.Correlation == of.correlation && r.EfSearch > 0
	})
	if len(approximate) == 0 {
		return nil, nil
	}
	k, ef, ours := approximate[0].K, approximate[0].EfSearch, ""
	for _, r := range approximate {
		k, ef = min(k, r.K), min(ef, r.EfSearch)
	}
	lines = make(map[string][]compare.FilterRecord)
	for _, r := range approximate {
		if r.K != k || r.EfSearch != ef || ofProject(r.Engine) && cmp.Or(ours, r.Engine) != r.Engine {
			continue
		}
		if ofProject(r.Engine) {
			ours = r.Engine
		}
		if lines[r.Engine] == nil {
			names = append(names, r.Engine)
		}
		lines[r.Engine] = append(lines[r.Engine], r)
	}
	for _, line := range lines {
		slices.SortStableFunc(line, func(a, b compare.FilterRecord) int { return cmp.Compare(a.Share, b.Share) })
	}
	return names, lines
}

// ofProject reports whether an engine is this project's index under one of its policies.
func ofProject(name string) bool {
	return slices.ContainsFunc(own.Engines(), func(e engine.Engine) bool { return e.Name == name })
}

// A restriction is a kind of records, with the axis on which their shares are drawn.
type restriction struct {
	kind, correlation, suffix, axis string
	at                              func(share float64) float64
	ticks                           plot.Ticker
}

var filterTicks = shareTicks(math.Log10, .001, .01, .1, .5, 1)

// restrictions are those of EngineFilters.
var restrictions = []restriction{
	{compare.Filtered, compare.Anywhere, "", "share of the points that match the filter", math.Log10, filterTicks},
	{compare.Deleted, compare.Anywhere, "", "share of the points that are deleted", linear, shareTicks(linear, 0, .1, .2, .3, .4, .5)},
}

func linear(share float64) float64 { return share }

// shareTicks returns ticks in percent at the given shares, where at places them.
func shareTicks(at func(share float64) float64, shares ...float64) plot.Ticker {
	return plot.TickerFunc(func(low, high float64) (ticks []plot.Tick) {
		for _, share := range shares {
			if x := at(share); x >= low-1e-9 && x <= high+1e-9 {
				ticks = append(ticks, plot.Tick{Value: x, Label: fmt.Sprintf("%g %%", 100*share)})
			}
		}
		return ticks
	})
}

// EngineFilters draws overlap and fill against the share of points that match a filter, and against the share that are deleted, at
// the smallest k and efSearch of the records. Each approximate engine is a line. The legend names those that returned points which
// do not match, or which are deleted.
func EngineFilters(r *compare.Result, all []compare.FilterRecord, about Subject) (*Figure, error) {
	look, err := styles(r.Engines)
	if err != nil {
		return nil, err
	}
	all = anywhere(all)
	panels, named, first := restrictedPanels(restrictions, look, all)
	if len(named) == 0 {
		return nil, fmt.Errorf("figure: %w of searches with filters or deletions", errNoRecords)
	}
	return newFigure("EngineFilters", &plate.Plate{
		Width: plate.DoubleColumn, Height: 1.9 * vg.Inch, Panels: panels, Legends: filterLegends(named, look, all), PerRow: filterColumns,
		Title: fmt.Sprintf("Filters and deletions: what engines return at k = %d and efSearch %d\n%s", first.K, first.EfSearch, about.filtered(r, first)),
	}, restrictedTable(all)), nil
}

// restrictedPanels returns a panel of the overlap and a panel of the fill for each restriction, the names of the engines in them, and a
// record that is drawn.
func restrictedPanels(kinds []restriction, look map[string]plate.Style, all []compare.FilterRecord) (panels []plate.Panel, named []string, first compare.FilterRecord) {
	for _, kind := range kinds {
		names, lines := restrictedLines(all, kind)
		overlap := plate.NewPanel(plate.Letter(len(panels), "overlap"+kind.suffix), kind.axis)
		fill := plate.NewPanel(plate.Letter(len(panels)+1, "fill"+kind.suffix), kind.axis)
		for i, name := range names {
			first = lines[name][0]
			overlaps, fills := restrictedPoints(lines[name], kind.at)
			style := look[name]
			style.Radius = 2
			overlap.Line(overlaps, style, plate.Spread(overlaps, i, len(names)))
			fill.Line(fills, style, plate.Spread(fills, i, len(names)))
			if !slices.Contains(named, name) {
				named = append(named, name)
			}
		}
		for _, p := range []plate.Panel{overlap, fill} {
			p.Include(0, 1)
			p.X.Tick.Marker = kind.ticks
		}
		panels = append(panels, overlap, fill)
	}
	return panels, named, first
}

// filtered returns the source and the size of the searches.
func (s Subject) filtered(r *compare.Result, one compare.FilterRecord) string {
	return fmt.Sprintf("%s · %s queries", s.sized(r), thousands(one.Queries))
}

// sized returns the source and the number and dimension of the points.
func (s Subject) sized(r *compare.Result) string {
	e := r.Engines[0]
	return fmt.Sprintf("%s · %s × %s", s.source(), thousands(e.Points), thousands(e.Dimensions))
}

// restrictedPoints returns the overlap and the fill of the records without an error, at the position of their shares.
func restrictedPoints(line []compare.FilterRecord, at func(float64) float64) (overlaps, fills plotter.XYs) {
	for _, x := range line {
		if x.Error == "" {
			overlaps = append(overlaps, plotter.XY{X: at(x.Share), Y: x.Overlap})
			fills = append(fills, plotter.XY{X: at(x.Share), Y: x.Fill})
		}
	}
	return overlaps, fills
}

func restrictedTable(all []compare.FilterRecord) [][]string {
	data := [][]string{row("engine", "version", "kind", "correlation", "share", "allowed", "nearby", "ef_search", "k", "overlap", "fill", "fill_min", "wrong", "queries_per_second", "error")}
	for _, x := range all {
		data = append(data, row(x.Engine, x.Version, x.Kind, x.Correlation, x.Share, x.Allowed, x.Nearby, x.EfSearch, x.K, x.Overlap, x.Fill, x.FillMin, x.Wrong, x.PerSecond, x.Error))
	}
	return data
}

const filterColumns = 3 // of the legend

// filterLegends returns the names of engines in columns. Those that returned wrong points are marked.
func filterLegends(names []string, look map[string]plate.Style, all []compare.FilterRecord) []*plate.Legend {
	wrong := wrongOf(all)
	each := (len(names) + filterColumns - 1) / filterColumns
	var legends []*plate.Legend
	heading := " "
	if slices.ContainsFunc(names, func(name string) bool { return wrong[name] > 0 }) {
		heading = "* returned points that do not match or are deleted"
	}
	for column := range slices.Chunk(names, each) {
		legend := plate.NewLegend(heading)
		heading = " "
		for _, name := range column {
			style, text := look[name], name
			if wrong[name] > 0 {
				text += " *"
			}
			legend.Add(text, plate.Thumbnail(style)...)
		}
		legends = append(legends, legend)
	}
	return legends
}

// wrongOf returns the number of wrong IDs that each engine returned.
func wrongOf(all []compare.FilterRecord) map[string]int {
	wrong := make(map[string]int)
	for _, r := range all {
		wrong[r.Engine] += r.Wrong
	}
	return wrong
}
