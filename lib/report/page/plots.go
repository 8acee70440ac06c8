package page

import (
	"cmp"
	"html/template"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/internal/plate"
	"anncapacity/lib/report"
)

// plots draws the plots of a report.
type plots struct {
	r       *report.Report
	verdict report.Verdict
	lines   []line
	main    line
	ok      bool // there is a line to draw
}

func newPlots(r *report.Report) plots {
	p := plots{r: r, verdict: r.Verdict(), lines: linesOf(r)}
	p.main, p.ok = mainLine(p.lines, p.verdict)
	return p
}

// Styles of the marks of single settings and of constant lines.
var (
	presentStyle = plate.Style{Color: plate.Vermilion, Marker: draw.RingGlyph{}, Radius: 4, Width: .8, Dashes: []vg.Length{2, 1.5}}
	advisedStyle = plate.Style{Color: plate.Green, Marker: draw.PlusGlyph{}, Radius: 4.5, Width: .8, Dashes: []vg.Length{2, 1.5}}
)

// A chart is a panel with its legend.
type chart struct {
	plate.Panel
	legend *plate.Legend
	tall   vg.Length
}

func newChart(x, y, heading string) chart {
	c := chart{plate.NewLabelledPanel(x, y), plate.NewLegend(heading), 2.35 * vg.Inch}
	c.X.Tick.Marker = plot.TickerFunc(effortTicks)
	return c
}

// effortTicks labels an axis of common logarithms at 1, 2 and 5 times the powers of ten, or at powers of ten over four decades.
func effortTicks(low, high float64) []plot.Tick {
	if high-low < 4 {
		return plate.Decades125(low, high)
	}
	return plate.LogTicks(plate.Powers).Ticks(low, high)
}

// shares lets the vertical axis begin at a round share not above low and end at 1.
func (c chart) shares(low float64) {
	c.Y.Min, c.Y.Max = math.Max(0, math.Floor(low*10-1e-9)/10), 1
}

// line adds a line of the settings with its entry in the legend.
func (c chart) line(name string, settings []report.Setting, style plate.Style, y func(report.Setting) float64) {
	var points plotter.XYs
	for _, s := range settings {
		if v := y(s); !math.IsInf(v, 0) && !math.IsNaN(v) {
			points = append(points, plotter.XY{X: math.Log10(float64(s.EfSearch)), Y: v})
		}
	}
	if len(points) > 0 {
		c.legend.Add(name, c.Line(points, style, points)...)
	}
}

// level adds a horizontal line across the axes.
func (c chart) level(name string, y float64, style plate.Style) {
	c.legend.Add(name, c.Line(plotter.XYs{{X: c.X.Min, Y: y}, {X: c.X.Max, Y: y}}, style, nil)...)
}

// mark adds a mark at a setting and a line from it to the horizontal axis.
func (c chart) mark(name string, s *report.Setting, style plate.Style, y func(report.Setting) float64) {
	if s.Rejected || s.EfSearch == 0 {
		return
	}
	x := math.Log10(float64(s.EfSearch))
	stem := style
	stem.Marker = nil
	c.Line(plotter.XYs{{X: x, Y: c.Y.Min}, {X: x, Y: y(*s)}}, stem, nil)
	c.legend.Add(name, c.Marks(plotter.XYs{{X: x, Y: y(*s)}}, style))
}

// marks marks the present and the advised setting.
func (p plots) marks(c chart, y func(report.Setting) float64) { p.marksOf(c, p.lines, y) }

// marksOf marks the present and the advised setting if they are on one of the lines.
func (p plots) marksOf(c chart, lines []line, y func(report.Setting) float64) {
	on := func(s *report.Setting) bool {
		return s != nil && slices.ContainsFunc(lines, func(l line) bool { return l.k == s.K && l.scan == s.Scan })
	}
	if s := p.verdict.Present; on(s) {
		c.mark("present setting", s, presentStyle, y)
	}
	if s := p.verdict.Advised; on(s) && s != p.verdict.Present {
		c.mark("advised setting", s, advisedStyle, y)
	}
	c.X.Min, c.X.Max = c.X.Min-.03, c.X.Max+.03 // space for marks at the ends
}

// inline returns the chart as an svg element.
func (c chart) inline(description string) (template.HTML, error) {
	drawing := &plate.Plate{Width: plate.SingleColumn, Height: c.tall, Panels: []plate.Panel{c.Panel}, Legends: []*plate.Legend{c.legend}}
	var b strings.Builder
	err := drawing.Drawing().WriteInline(&b, description)
	return template.HTML(b.String()), err // WriteInline escapes all text
}

// recall draws the recall against efSearch.
func (p plots) recall() (template.HTML, error) {
	if !p.ok {
		return "", nil
	}
	c := newChart(p.r.EffortName(), "recall", p.heading())
	low := p.r.Wanted
	for i, l := range p.lines {
		var from, to plotter.XYs
		for _, s := range l.settings {
			x := math.Log10(float64(s.EfSearch))
			from, to = append(from, plotter.XY{X: x, Y: s.Interval[0]}), append(to, plotter.XY{X: x, Y: s.Interval[1]})
			low = min(low, s.Interval[0])
		}
		c.Band(from, to, styleOf(i, l))
	}
	c.shares(low)
	for i, l := range p.lines {
		c.line(l.name, l.settings, styleOf(i, l), p.r.Counted)
	}
	c.level("wanted: "+report.Percent(p.r.Wanted), p.r.Wanted, plate.Reference)
	p.marks(c, p.r.Counted)
	return c.inline("Mean recall against " + p.r.EffortName() + ". The table of settings holds the numbers.")
}

// heading is the heading of a legend.
func (p plots) heading() string {
	if p.scans() {
		return p.atK() + ", scan:"
	}
	return ""
}

// scans reports whether the lines are scans at one k, and not values of k.
func (p plots) scans() bool { return len(p.lines) > 1 && p.lines[0].k == p.lines[1].k }

func (p plots) atK() string { return "k = " + report.Thousands(p.r.VerdictK()) }

// fill draws the share of answers that came back, "" if every answer was full.
func (p plots) fill() (template.HTML, error) {
	short := func(l line) bool {
		return slices.ContainsFunc(l.settings, func(s report.Setting) bool { return s.Fill < 1 })
	}
	if !p.ok || !slices.ContainsFunc(p.lines, short) {
		return "", nil
	}
	c := newChart(p.r.EffortName(), "fill", p.heading())
	c.shares(0)
	of := func(s report.Setting) float64 { return s.Fill }
	for i, l := range p.lines {
		c.line(l.name, l.settings, styleOf(i, l), of)
	}
	p.marks(c, of)
	return c.inline("Number of answers as a share of the number asked for, against " + p.r.EffortName() + ".")
}

// quantiles draws the quantiles of the recall over the queries against efSearch.
func (p plots) quantiles() (template.HTML, error) {
	if !p.ok || slices.ContainsFunc(p.main.settings, func(s report.Setting) bool { return s.Quantiles == nil }) {
		return "", nil
	}
	c := newChart(p.r.EffortName(), "recall of a query", p.mainHeading())
	c.shares(0)
	for i, q := range quantiles {
		style := styleOf(i, p.main)
		c.line(q.name, p.main.settings, style, func(s report.Setting) float64 { return q.of(s.Quantiles) })
	}
	c.line("mean", p.main.settings, plate.Reference, p.r.Counted)
	p.marksOf(c, []line{p.main}, p.r.Counted)
	return c.inline("Recall of the median query, of the worst tenth, of the worst hundredth and of the worst query, against " + p.r.EffortName() + ".")
}

// mainHeading names the line of the verdict.
func (p plots) mainHeading() string {
	if !p.scans() {
		return p.atK()
	}
	return p.atK() + ", scan: " + cmp.Or(p.main.scan, "default")
}

var quantiles = []struct {
	name, says string
	of         func(*report.Quantiles) float64
}{
	{"median query", "Half of the queries reach", func(q *report.Quantiles) float64 { return q.Median }},
	{"worst 10 %", "90 % of the queries reach", func(q *report.Quantiles) float64 { return q.Tenth }},
	{"worst 1 %", "99 % of the queries reach", func(q *report.Quantiles) float64 { return q.Low }},
	{"worst query", "Every query reaches", func(q *report.Quantiles) float64 { return q.Least }},
}
