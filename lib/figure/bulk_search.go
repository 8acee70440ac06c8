package figure

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/compare"
	"anncapacity/lib/internal/plate"
)

var bulkSearch = Entry{
	Name:        "BulkSearch",
	From:        compare.BulkFile,
	Shows:       "Time of the search for the neighbours of every point of a set, by engine, way of searching and metric: exact engines and, for comparison, HNSW. Construction is not counted.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return BulkSearch(r.Bulk, about) },
	unavailable: func(r *Results) string { return unless(r.Bulk != nil, "anncapacity engines --bulk was not run") },
	findings:    func(r *Results) ([]string, error) { return BulkSearchFindings(r.Bulk) },
}

// metricMarks holds the markers of each metric: filled if all queries were timed, hollow if the time is scaled from a sample.
var metricMarks = []struct {
	color          color.RGBA
	filled, hollow draw.GlyphDrawer
	shift          float64 // vertical, within the row
}{
	{plate.Blue, draw.CircleGlyph{}, draw.RingGlyph{}, .22},
	{plate.Vermilion, draw.BoxGlyph{}, draw.SquareGlyph{}, 0},
	{plate.Green, draw.PyramidGlyph{}, draw.TriangleGlyph{}, -.22},
}

// BulkSearch draws the time that each engine takes to find the neighbours of every point of a set, with one row of dots for each
// engine and way of searching, the fastest on top.
func BulkSearch(rows []compare.BulkRow, about Subject) (*Figure, error) {
	rows = filter(rows, func(r compare.BulkRow) bool { return r.Missing == "" })
	if len(rows) == 0 {
		return nil, fmt.Errorf("figure: %w of bulk search", errNoRecords)
	}
	p := plate.NewPanel("", "seconds for all queries (logarithmic)")
	p.X.Tick.Marker = plate.FewOrManyDecades
	places := bulkPlaces(rows)
	p.Y.Tick.Marker, p.Y.Min, p.Y.Max = plot.ConstantTicks(placeTicks(places)), -.6, float64(len(places))-.4
	legends := []*plate.Legend{plate.NewLegend("metric")}
	if slices.ContainsFunc(rows, func(r compare.BulkRow) bool { return r.Measured < r.Points }) {
		legends = append(legends, plate.NewLegend("hollow markers: scaled to all queries\nfrom the sample that was asked"))
	}
	data := [][]string{row("engine", "way", "metric", "points", "dimensions", "k", "measured", "seconds", "ratio", "overlap", "build_s")}
	for i, group := range groupBy(rows, func(r compare.BulkRow) string { return r.Metric }) {
		legends[0].Add(group[0].Metric, addTimes(p, group, places, i)...)
		for _, r := range group {
			data = append(data, row(r.Engine, r.Way, r.Metric, r.Points, r.Dimensions, r.K, r.Measured, r.Seconds, r.Ratio, r.Overlap, r.Build))
		}
	}
	first := rows[0]
	return newFigure("BulkSearch", &plate.Plate{
		Width: plate.DoubleColumn, Height: vg.Length(len(places))*13 + 40, Panels: []plate.Panel{p}, Legends: legends,
		Title: fmt.Sprintf("Neighbours of every point of a set\n%s · random projection, %s × %s, k = %d", about.source(), thousands(first.Points), thousands(first.Dimensions), first.K),
	}, data), nil
}

// bulkPlaces returns the names of all engines and ways of searching, slowest first, in the order of their first metric.
func bulkPlaces(rows []compare.BulkRow) (names []string) {
	seconds := map[string]float64{}
	for _, r := range rows {
		if _, known := seconds[placeName(r)]; !known {
			seconds[placeName(r)] = r.Seconds
			names = append(names, placeName(r))
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(seconds[b], seconds[a]) })
	return names
}

func placeName(r compare.BulkRow) string { return r.Engine + ", " + r.Way }

func placeTicks(names []string) (ticks []plot.Tick) {
	for i, name := range names {
		ticks = append(ticks, plot.Tick{Value: float64(i), Label: name})
	}
	return ticks
}

// addTimes draws the times of the i-th metric.
func addTimes(p plate.Panel, rows []compare.BulkRow, places []string, i int) []plot.Thumbnailer {
	m := metricMarks[i%len(metricMarks)]
	var filled, hollow plotter.XYs
	for _, r := range rows {
		at := plotter.XY{X: math.Log10(r.Seconds), Y: float64(slices.Index(places, placeName(r))) + m.shift}
		if r.Measured < r.Points {
			hollow = append(hollow, at)
		} else {
			filled = append(filled, at)
		}
	}
	dots := func(xys plotter.XYs, shape draw.GlyphDrawer) *plotter.Scatter {
		return &plotter.Scatter{XYs: xys, GlyphStyle: draw.GlyphStyle{Color: m.color, Radius: 2.4, Shape: shape}}
	}
	all := dots(filled, m.filled)
	for _, s := range []*plotter.Scatter{all, dots(hollow, m.hollow)} {
		if len(s.XYs) > 0 {
			p.Add(s)
		}
	}
	return []plot.Thumbnailer{all}
}

// BulkSearchFindings returns sentences that compare each engine's faster way of searching with the project's, for each metric.
func BulkSearchFindings(rows []compare.BulkRow) (said []string, err error) {
	rows = filter(rows, func(r compare.BulkRow) bool { return r.Missing == "" })
	for _, group := range groupBy(rows, func(r compare.BulkRow) string { return r.Metric }) {
		own := group[0]
		var faster []compare.BulkRow
		for _, ways := range groupBy(group[1:], func(r compare.BulkRow) string { return r.Engine }) {
			best := compare.BulkRow{Seconds: math.Inf(1)}
			for _, r := range ways {
				if r.Seconds < best.Seconds {
					best = r
				}
			}
			faster = append(faster, best)
		}
		said = append(said, fmt.Sprintf("%s: this project's matrix product takes %.3g s. Times relative to it are %s.", own.Metric, own.Seconds,
			inTurn(faster, "", func(r compare.BulkRow) (string, any) { return fmt.Sprintf("%.3g", r.Ratio), placeName(r) })))
	}
	return said, nil
}
