package figure

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// plate is a figure of panels in rows and columns, under one title and over its legends. Where the last panel is
// missing, the legends stand in its place.
type plate struct {
	name    string
	title   string // two lines
	width   vg.Length
	height  vg.Length // of one row
	panels  [][]panel
	legends []*block
	perRow  int // legends in a row; zero puts all into one, or into the place of a missing last panel
	data    [][]string
}

// panel is one plot of a plate, under the name of the quantity that it shows. Without a plot it is a gap.
type panel struct {
	*plot.Plot
	title string
}

const titleHeight = 2*lineStep + 8

// figure lays the plate out.
func (s *plate) figure() *Figure {
	height := titleHeight + vg.Length(len(s.panels))*s.height
	below := vg.Length(0)
	if !s.hasGap() {
		below = s.legendHeight()
	}
	return &Figure{Name: s.name, width: s.width, height: height + below, data: s.data, draw: func(c draw.Canvas) {
		heading := text.Style{Font: sans(titleSize), Handler: plot.DefaultTextHandler, XAlign: text.XCenter, YAlign: text.YTop}
		c.FillText(heading, vg.Point{X: c.Center().X, Y: c.Max.Y - 2}, s.title)
		gap := s.drawPanels(draw.Crop(c, 0, 0, below, -titleHeight))
		if s.hasGap() {
			stackLegends(draw.Crop(gap, 24, 0, 0, -lineStep), s.legends)
			return
		}
		s.drawLegends(draw.Crop(c, 36, 0, 0, below-4-c.Max.Y+c.Min.Y))
	}}
}

func (s *plate) last() (row, column int) { return len(s.panels) - 1, len(s.panels[0]) - 1 }

func (s *plate) hasGap() bool {
	row, column := s.last()
	return s.perRow == 0 && s.panels[row][column].Plot == nil
}

func (s *plate) legendHeight() (height vg.Length) {
	for _, row := range s.legendRows() {
		height += tallest(row)
	}
	return height
}

func (s *plate) legendRows() [][]*block {
	if s.perRow == 0 {
		return [][]*block{s.legends}
	}
	return slices.Collect(slices.Chunk(s.legends, s.perRow))
}

// tallest is the height of legends beside one another, with air below.
func tallest(row []*block) vg.Length {
	lines := 0
	for _, b := range row {
		lines = max(lines, b.lines+b.headingLines())
	}
	return vg.Length(lines)*lineStep + 8
}

// drawPanels aligns the axes of all panels, and returns the place of the last one.
func (s *plate) drawPanels(c draw.Canvas) draw.Canvas {
	tiles := draw.Tiles{Rows: len(s.panels), Cols: len(s.panels[0]), PadX: 10, PadY: lineStep + 8, PadLeft: 2, PadRight: 8, PadTop: lineStep + 2, PadBottom: 2}
	plots := make([][]*plot.Plot, len(s.panels))
	for i, panels := range s.panels {
		for _, p := range panels {
			plots[i] = append(plots[i], p.Plot)
		}
	}
	places := plot.Align(plots, tiles, c)
	title := text.Style{Font: sans(labelSize), Handler: plot.DefaultTextHandler}
	for i, panels := range s.panels {
		for j, p := range panels {
			if p.Plot != nil {
				p.Draw(places[i][j])
				axes := p.DataCanvas(places[i][j])
				c.FillText(title, vg.Point{X: axes.Min.X, Y: axes.Max.Y + 7}, p.title)
			}
		}
	}
	row, column := s.last()
	return tiles.At(c, column, row)
}

// drawLegends puts legends beside one another, row below row.
func (s *plate) drawLegends(c draw.Canvas) {
	top := vg.Length(0)
	for _, row := range s.legendRows() {
		column := c.Size().X / vg.Length(max(s.perRow, len(row)))
		for i, b := range row {
			b.draw(draw.Crop(c, vg.Length(i)*column, 0, 0, -top))
		}
		top += tallest(row)
	}
}

// stackLegends puts one below the other.
func stackLegends(c draw.Canvas, legends []*block) {
	top := vg.Length(0)
	for _, b := range legends {
		b.draw(draw.Crop(c, 0, 0, 0, -top))
		top += vg.Length(b.lines+b.headingLines())*lineStep + 5
	}
}

// newPanel is a panel without lines yet.
func newPanel(title, x string) panel {
	p := newPlot("")
	p.X.Label.Text = x
	p.X.Tick.Marker, p.Y.Tick.Marker = roundTicks, roundTicks
	return panel{p, title}
}

// newKPanel has the neighbours asked on its horizontal axis.
func newKPanel(title string) panel {
	p := newPanel(title, "neighbours asked, k")
	p.X.Min, p.X.Tick.Marker = 0, everyMultiple(100)
	return p
}

// xy is points in the plane.
func xy(points []point) (line plotter.XYs) {
	for _, p := range points {
		line = append(line, plotter.XY{X: float64(p.k), Y: p.mean})
	}
	return line
}

// addBand draws the interval around points.
func (p panel) addBand(points []point, s style) {
	if len(points) == 0 {
		return
	}
	_, band, _ := trace(curve{points: points}, func(_ curve, p point) float64 { return float64(p.k) }, everyTenth)
	p.Add(&plotter.Polygon{XYs: []plotter.XYs{band}, Color: tint(s.color)})
}

// addLine draws a line, with a marker on one of every so many points, and returns what a legend shows of it. Without a
// point there is nothing to draw.
func (p panel) addLine(line plotter.XYs, s style, every int) []plot.Thumbnailer {
	l := &plotter.Line{XYs: line, LineStyle: draw.LineStyle{Color: s.color, Width: max(s.width, thin), Dashes: s.dashes}}
	if s.marker == nil {
		if len(line) > 0 {
			p.Add(l)
		}
		return []plot.Thumbnailer{l}
	}
	dots := marks{&plotter.Scatter{GlyphStyle: draw.GlyphStyle{Color: s.color, Radius: 1.7, Shape: s.marker}}}
	for i := every - 1; i < len(line); i += every {
		dots.XYs = append(dots.XYs, line[i])
	}
	if len(line) > 0 {
		p.Add(l, dots)
	}
	return []plot.Thumbnailer{l, dots}
}

// logTicks labels powers of ten on an axis of common logarithms, as many as there is room for.
func logTicks(label func(exponent int) string) plot.Ticker {
	return plot.TickerFunc(func(low, high float64) (ticks []plot.Tick) {
		step := max(1, int(math.Ceil((high-low)/6)))
		for e := int(math.Ceil(low - 1e-9)); float64(e) <= high+1e-9; e++ {
			if e%step == 0 {
				ticks = append(ticks, plot.Tick{Value: float64(e), Label: label(e)})
			}
		}
		return ticks
	})
}

// percents labels shares: 100 %, 10 %, 0.1 %.
func percents(exponent int) string { return fmt.Sprintf("%.6g %%", math.Pow(10, float64(exponent+2))) }

// powers labels numbers: 1, 10, 100, 1000, 1e6.
func powers(exponent int) string {
	if exponent > 4 || exponent < -3 {
		return fmt.Sprintf("1e%d", exponent)
	}
	return fmt.Sprintf("%.6g", math.Pow(10, float64(exponent)))
}

// Lines beside those of settings.
const thin = vg.Length(0.9)

var (
	// exactStyle is that of exact neighbours, where approximate ones are drawn in colours.
	exactStyle = style{color: color.RGBA{0, 0, 0, 255}, dashes: []vg.Length{3, 2}}
	// publishedStyle is that of the authors' numbers, under ours.
	publishedStyle = style{color: color.RGBA{0x90, 0x90, 0x90, 255}, dashes: []vg.Length{1, 1.4}, width: 1.4}
)

// fiveStyles go from dark to light along viridis, for as many settings as a condition has.
var fiveStyles = []style{
	{color: color.RGBA{0x44, 0x01, 0x54, 255}, marker: draw.CircleGlyph{}},
	{color: color.RGBA{0x3b, 0x52, 0x8b, 255}, marker: draw.PyramidGlyph{}},
	{color: color.RGBA{0x21, 0x91, 0x8c, 255}, marker: draw.BoxGlyph{}},
	{color: color.RGBA{0x5e, 0xc9, 0x62, 255}, marker: draw.CrossGlyph{}},
	{color: color.RGBA{0xc8, 0xc0, 0x20, 255}, marker: draw.RingGlyph{}},
}

func styleAt(i int) style { return fiveStyles[i%len(fiveStyles)] }

// swatch is a coloured field in a legend.
type swatch struct{ color color.Color }

func (s swatch) Thumbnail(c *draw.Canvas) {
	c.FillPolygon(s.color, []vg.Point{{X: c.Min.X, Y: c.Min.Y}, {X: c.Max.X, Y: c.Min.Y}, {X: c.Max.X, Y: c.Max.Y - 1}, {X: c.Min.X, Y: c.Max.Y - 1}})
}
