package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/growth"
	"anncapacity/lib/internal/plate"
)

var growthCurves = Entry{
	Name: "Growth",
	From: growth.File,
	Shows: "Construction, search and exact search of growing numbers of points, with the project's index and with other libraries, on all cores of one machine. " +
		"Both axes are logarithmic; a straight line is a power of the number of points. The slope is fitted to the largest numbers of points.",
	Draw: func(r *Results, _ Subject) (*Figure, error) { return Growth(r.Growth) },
	unavailable: func(r *Results) string {
		return unless(r.Growth != nil, "make bench ARGS='-growth FOLDER' was not run")
	},
	findings: func(r *Results) ([]string, error) { return GrowthFindings(r.Growth) },
}

// growthQuantity is a quantity that grows with the number of points.
type growthQuantity struct {
	title, noun, unit string
	of                func(r growth.Record) float64 // 0 if it was not measured
}

// perQuery returns the milliseconds of a query from the queries per second.
func perQuery(perSecond float64) float64 {
	if perSecond == 0 {
		return 0
	}
	return 1000 / perSecond
}

var growthQuantities = []growthQuantity{
	{"construction, seconds", "the time of the construction", "s", func(r growth.Record) float64 { return r.Build }},
	{"a search at efSearch 200, milliseconds", "the time of a search", "ms", func(r growth.Record) float64 { return perQuery(r.Single200) }},
	{"an exact query in a batch, milliseconds", "the time of an exact query", "ms", func(r growth.Record) float64 { return perQuery(r.Exact) }},
	{"memory of the construction, MB", "the memory of the construction", "MB", func(r growth.Record) float64 { return r.Memory }},
}

var growthStyles = []plate.Style{
	{Color: plate.Black, Marker: draw.CircleGlyph{}},
	{Color: plate.Blue, Marker: draw.PyramidGlyph{}, Dashes: []vg.Length{4, 1.5}},
	{Color: plate.Vermilion, Marker: draw.BoxGlyph{}, Dashes: []vg.Length{1.5, 1.5}},
	{Color: plate.Green, Marker: draw.RingGlyph{}, Dashes: []vg.Length{6, 1.5, 1.5, 1.5}},
}

// Growth draws each quantity against the number of points, with a line for each engine.
func Growth(records []growth.Record) (*Figure, error) {
	engines := growthLines(records)
	if len(engines) == 0 {
		return nil, fmt.Errorf("figure: %w of growing numbers of points", errNoRecords)
	}
	var legends []*plate.Legend // one for each engine, so that they lie side by side
	var panels []plate.Panel
	for i, q := range growthQuantities {
		p := plate.NewPanel(plate.Letter(i, q.title), "points")
		p.X.Tick.Marker, p.Y.Tick.Marker = plate.FewOrManyDecades, plate.FewOrManyDecades
		for _, line := range engines {
			at := q.curve(line)
			shown := p.Line(at, growthStyles[slices.Index(growth.Engines, line[0].Engine)], at)
			if i == 0 {
				legends = append(legends, plate.NewLegend(""))
				legends[len(legends)-1].Add(growthName(line[0]), shown...)
			}
		}
		p.Y.Min, p.Y.Max = p.Y.Min-.1, p.Y.Max+.1 // markers do not touch the axes
		panels = append(panels, p)
	}
	data := [][]string{row("engine", "version", "points", "dimensions", "build_s", "single_ef200_ms", "exact_ms", "memory_mb", "overlap_ef50", "overlap_ef200")}
	for _, r := range slices.Concat(engines...) {
		data = append(data, row(r.Engine, r.Version, r.Points, r.Dimensions, r.Build, perQuery(r.Single200), perQuery(r.Exact), r.Memory, r.Overlap50, r.Overlap200))
	}
	first := engines[0][0]
	return newFigure("Growth", &plate.Plate{
		Width: plate.DoubleColumn, Height: 2 * vg.Inch, Panels: panels, Legends: legends, PerRow: len(legends),
		Title: fmt.Sprintf("Growth with the number of points\n%s vectors of %d dimensions · M %d, efConstruction %d · %s", first.Set, first.Dimensions, first.M, first.EfConstruction, count(first.Threads, "core")),
	}, data), nil
}

// growthLines returns the records of each engine, ascending by the number of points.
func growthLines(records []growth.Record) (lines [][]growth.Record) {
	for _, engine := range growth.Engines {
		line := filter(records, func(r growth.Record) bool { return r.Engine == engine })
		if len(line) > 0 {
			lines = append(lines, ordered(line, func(r growth.Record) int { return r.Points }))
		}
	}
	return lines
}

func growthName(r growth.Record) string {
	if r.Engine == growth.Own {
		return "this project"
	}
	return r.Engine
}

// curve returns the common logarithms of the points and the quantity, where it was measured.
func (q growthQuantity) curve(line []growth.Record) (at plotter.XYs) {
	for _, r := range line {
		if y := q.of(r); y > 0 {
			at = append(at, plotter.XY{X: math.Log10(float64(r.Points)), Y: math.Log10(y)})
		}
	}
	return at
}

// fittedDecades is the range of the number of points, in powers of ten below the largest, to which a slope is fitted.
const fittedDecades = 1.1

// fit returns the slope and the offset of a line of least squares through the largest numbers of points. ok is false if there are
// fewer than three of them.
func (q growthQuantity) fit(line []growth.Record) (slope, offset float64, ok bool) {
	at := q.curve(line)
	var x, y []float64
	for _, p := range at {
		if p.X >= at[len(at)-1].X-fittedDecades {
			x, y = append(x, p.X), append(y, p.Y)
		}
	}
	if len(x) < 3 {
		return 0, 0, false
	}
	offset, slope = stat.LinearRegression(x, y, nil, false)
	return slope, offset, true
}

// words returns a value with its unit, in hours or GB if it is large.
func (q growthQuantity) words(x float64) string {
	switch {
	case q.unit == "s" && x >= 3600:
		return fmt.Sprintf("%.3g h", x/3600)
	case q.unit == "MB" && x >= 1000:
		return fmt.Sprintf("%.3g GB", x/1000)
	}
	return fmt.Sprintf("%.3g %s", x, q.unit)
}

// farPoints is the number of points to which GrowthFindings extends the fits.
const farPoints = 100000000

// GrowthFindings returns a sentence for each quantity with the fitted exponents, and what they give for 10⁸ points.
func GrowthFindings(records []growth.Record) (said []string, err error) {
	type fitted struct {
		name       string
		slope, far float64
	}
	for _, q := range growthQuantities {
		var all []fitted
		most := 0
		for _, line := range growthLines(records) {
			if slope, offset, ok := q.fit(line); ok {
				all = append(all, fitted{growthName(line[0]), slope, math.Pow(10, offset+slope*math.Log10(farPoints))})
				most = max(most, line[len(line)-1].Points)
			}
		}
		if len(all) == 0 {
			continue
		}
		said = append(said, fmt.Sprintf("Up to %s points %s grows with the power %s of their number; the same power would give %s for 10⁸ points, as far as memory allows.",
			thousands(most), q.noun, inTurn(all, "", func(f fitted) (string, any) { return fmt.Sprintf("%.2f", f.slope), f.name }),
			inTurn(all, "", func(f fitted) (string, any) { return q.words(f.far), f.name })))
	}
	return said, nil
}
