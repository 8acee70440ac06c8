package figure

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of text in print; journals ask for seven points at least.
const (
	titleSize = 8
	labelSize = 8
	smallSize = 7
	lineStep  = 9.5 // from one line of the legend to the next, in points
)

// style tells one line from another: by its grey value, its dashes and its markers, so that it survives a
// photocopier and every kind of colour vision.
type style struct {
	color  color.RGBA
	dashes []vg.Length
	marker draw.GlyphDrawer // nil means none
	width  vg.Length        // zero means the usual one
}

// ownStyles go from dark to light along viridis, as efSearch grows; coderStyles are greys in dashes.
var (
	ownStyles = []style{
		{color: color.RGBA{0x44, 0x01, 0x54, 255}, marker: draw.CircleGlyph{}},
		{color: color.RGBA{0x3b, 0x52, 0x8b, 255}, marker: draw.PyramidGlyph{}},
		{color: color.RGBA{0x21, 0x91, 0x8c, 255}, marker: draw.BoxGlyph{}},
		{color: color.RGBA{0x5e, 0xc9, 0x62, 255}, marker: draw.CrossGlyph{}},
	}
	coderStyles = []style{
		{color: color.RGBA{0x40, 0x40, 0x40, 255}, dashes: []vg.Length{1, 1.5}, marker: draw.RingGlyph{}},
		{color: color.RGBA{0x60, 0x60, 0x60, 255}, dashes: []vg.Length{3, 1.5}, marker: draw.TriangleGlyph{}},
		{color: color.RGBA{0x80, 0x80, 0x80, 255}, dashes: []vg.Length{5, 1.5, 1, 1.5}, marker: draw.SquareGlyph{}},
		{color: color.RGBA{0xa0, 0xa0, 0xa0, 255}, dashes: []vg.Length{7, 2}, marker: draw.PlusGlyph{}},
	}
)

func styleOf(index string, i int) style {
	if index == indexCoderHNSW {
		return coderStyles[i%len(coderStyles)]
	}
	return ownStyles[i%len(ownStyles)]
}

// chart is a plot with its legend below it, one block for each index.
type chart struct {
	plot   *plot.Plot
	blocks []*block
}

// block is the part of the legend that belongs to one index.
type block struct {
	heading string
	legend  plot.Legend
	lines   int
}

func newOverlapChart(title string, about Subject, curves []curve) *chart {
	p := newPlot(title + "\n" + about.withRuns(curves[0].runs))
	p.Y.Label.Text = "neighbourhood overlap"
	p.Y.Min, p.Y.Max = 0, 1
	p.Y.Tick.Marker = everyMultiple(0.2)
	return &chart{plot: p}
}

func newPlot(title string) *plot.Plot {
	p := plot.New()
	p.Title.Text = title
	p.Title.TextStyle.Font = sans(titleSize)
	p.Title.Padding = vg.Points(1)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font, a.Tick.Label.Font = sans(labelSize), sans(smallSize)
		a.LineStyle.Width, a.Tick.LineStyle.Width, a.Tick.Length = 0.5, 0.5, 3
		a.Padding = 0
	}
	p.X.Tick.Label.YAlign, p.X.Label.Padding = text.YTop-0.15, 1 // a little air below the ticks
	grid := plotter.NewGrid()
	for _, s := range []*draw.LineStyle{&grid.Vertical, &grid.Horizontal} {
		*s = draw.LineStyle{Color: color.Gray{225}, Width: 0.4}
	}
	p.Add(grid)
	return p
}

func sans(points float64) font.Font {
	return font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, vg.Points(points))
}

// draw adds the bands of all curves, then their lines with their entries in the legend; marked chooses the points with a
// marker.
func (c *chart) draw(curves []curve, x func(curve, point) float64, marked func(points []point, i int) bool) {
	within := map[string]int{}
	var lines []plot.Plotter
	for _, one := range curves {
		s := styleOf(one.index, within[one.index])
		within[one.index]++
		middle, band, markers := trace(one, x, marked)
		line := &plotter.Line{XYs: middle, LineStyle: draw.LineStyle{Color: s.color, Width: 1, Dashes: s.dashes}}
		dots := marks{&plotter.Scatter{XYs: markers, GlyphStyle: draw.GlyphStyle{Color: s.color, Radius: 1.8, Shape: s.marker}}}
		if one.runs > 1 {
			c.plot.Add(&plotter.Polygon{XYs: []plotter.XYs{band}, Color: tint(s.color)})
		}
		lines = append(lines, line, dots)
		c.block(one).add(fmt.Sprintf("efSearch %d", one.efSearch), line, dots)
	}
	c.plot.Add(lines...)
}

// tint is three parts of white to one of a colour. It is opaque, because vgpdf darkens colours that are not.
func tint(c color.RGBA) color.RGBA {
	light := func(x uint8) uint8 { return uint8((3*255 + int(x)) / 4) }
	return color.RGBA{light(c.R), light(c.G), light(c.B), 255}
}

// marks are markers that take no room of their own, so that the axes of all panels lie where their data do.
type marks struct{ *plotter.Scatter }

func (marks) GlyphBoxes(*plot.Plot) []plot.GlyphBox { return nil }

// trace is the line of the means, the outline of the interval around it, and the points that carry a marker.
func trace(c curve, x func(curve, point) float64, marked func([]point, int) bool) (middle, band, markers plotter.XYs) {
	for i, p := range c.points {
		at := x(c, p)
		middle = append(middle, plotter.XY{X: at, Y: p.mean})
		band = append(band, plotter.XY{X: at, Y: p.high})
		if marked(c.points, i) {
			markers = append(markers, plotter.XY{X: at, Y: p.mean})
		}
	}
	for i := len(c.points) - 1; i >= 0; i-- {
		band = append(band, plotter.XY{X: middle[i].X, Y: c.points[i].low})
	}
	return middle, band, markers
}

func everyTenth(points []point, i int) bool { return (i+1)%max(1, len(points)/10) == 0 }

// series125 marks k = 1, 2, 5, 10, 20, 50, …, which a logarithmic axis spaces evenly.
func series125(points []point, i int) bool {
	k := points[i].k
	for k%10 == 0 {
		k /= 10
	}
	return k == 1 || k == 2 || k == 5
}

// block is the part of the legend for the index of a curve.
func (c *chart) block(one curve) *block {
	heading := fmt.Sprintf("%s\n%s of %s queries", label(one.index), count(one.runs, "run"), thousands(one.queries))
	for _, b := range c.blocks {
		if b.heading == heading {
			return b
		}
	}
	b := newBlock(heading)
	c.blocks = append(c.blocks, b)
	return b
}

func newBlock(heading string) *block {
	b := &block{heading: heading, legend: plot.NewLegend()}
	b.legend.Top, b.legend.Left, b.legend.ThumbnailWidth = true, true, vg.Points(26)
	b.legend.TextStyle.Font = sans(smallSize)
	b.legend.Padding = lineStep - b.legend.TextStyle.Rectangle("efSearch").Max.Y
	return b
}

func (b *block) add(name string, thumbs ...plot.Thumbnailer) {
	b.legend.Add(name, thumbs...)
	b.lines++
}

// figure lays the plot above its legend.
func (c *chart) figure(name string, curves []curve) *Figure {
	lines := 0
	for _, b := range c.blocks {
		lines = max(lines, b.lines)
	}
	below := vg.Length(lines+2)*lineStep + 4
	return &Figure{
		Name: name, width: SingleColumn, height: 2.5*vg.Inch + below, data: curveTable(curves),
		draw: func(canvas draw.Canvas) {
			c.plot.Draw(draw.Crop(canvas, 2, -6, below+4, -2))
			left := vg.Length(36)
			column := (canvas.Max.X - left) / vg.Length(len(c.blocks))
			for i, b := range c.blocks {
				b.draw(draw.Crop(canvas, left+vg.Length(i)*column, 0, 0, below-canvas.Max.Y))
			}
		},
	}
}

func (b *block) draw(canvas draw.Canvas) {
	heading := text.Style{Font: sans(smallSize), Handler: plot.DefaultTextHandler, YAlign: text.YTop}
	canvas.FillText(heading, vg.Point{X: canvas.Min.X, Y: canvas.Max.Y}, b.heading)
	b.legend.Draw(draw.Crop(canvas, 0, 0, 0, -vg.Length(b.headingLines())*lineStep))
}

func (b *block) headingLines() int { return 1 + strings.Count(b.heading, "\n") }

// everyMultiple labels the multiples of step.
func everyMultiple(step float64) plot.Ticker {
	return plot.TickerFunc(func(min, max float64) (ticks []plot.Tick) {
		for i := int(math.Ceil(min/step - 1e-9)); float64(i) <= max/step+1e-9; i++ {
			ticks = append(ticks, plot.Tick{Value: float64(i) * step, Label: fmt.Sprintf("%.6g", float64(i)*step)})
		}
		return ticks
	})
}

// decades125 labels 1, 2 and 5 times the powers of ten on an axis of common logarithms. (plot.LogScale would do, but
// gonum v0.17 then reserves room for the axis title at the wrong place.)
func decades125(min, max float64) (ticks []plot.Tick) {
	for e := math.Floor(min); e <= max; e++ {
		for _, m := range []float64{1, 2, 5} {
			if v := e + math.Log10(m); v >= min-1e-9 && v <= max+1e-9 {
				ticks = append(ticks, plot.Tick{Value: v, Label: fmt.Sprintf("%.6g", m*math.Pow(10, e))})
			}
		}
	}
	return ticks
}

// roundTicks labels four to ten multiples of 1, 2 or 5 times a power of ten.
var roundTicks = plot.TickerFunc(func(min, max float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10((max-min)/4)))
	for _, m := range []float64{5, 2} {
		if (max-min)/(m*step) >= 4 {
			step *= m
			break
		}
	}
	return everyMultiple(step).Ticks(min, max)
})
