package plate

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Sizes of text in print, in points; journals require at least seven.
const (
	titleSize = 8
	labelSize = 8
	SmallSize = 7
	lineStep  = 9.5 // line spacing of a legend
)

// Sans returns the font of all text, at a size in points.
func Sans(points float64) font.Font {
	return font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, vg.Points(points))
}

// NewPanel returns a panel without lines. x is the label of the horizontal axis.
func NewPanel(title, x string) Panel {
	p := plot.New()
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font, a.Tick.Label.Font = Sans(labelSize), Sans(SmallSize)
		a.LineStyle.Width, a.Tick.LineStyle.Width, a.Tick.Length = 0.5, 0.5, 3
		a.Padding = 0
		a.Tick.Marker = RoundTicks
	}
	p.X.Label.Text = x
	p.X.Tick.Label.YAlign, p.X.Label.Padding = text.YTop-0.15, 1 // space below the ticks
	grid := plotter.NewGrid()
	for _, s := range []*draw.LineStyle{&grid.Vertical, &grid.Horizontal} {
		*s = draw.LineStyle{Color: color.Gray{225}, Width: 0.4}
	}
	p.Add(grid)
	return Panel{p, title}
}

// NewLabelledPanel returns a panel with labels at both axes, for a plate with a single panel.
func NewLabelledPanel(x, y string) Panel {
	p := NewPanel("", x)
	p.Y.Label.Text = y
	return p
}

// Include extends the vertical axis to include values.
func (p Panel) Include(values ...float64) {
	for _, y := range values {
		p.Y.Min, p.Y.Max = min(p.Y.Min, y), max(p.Y.Max, y)
	}
}

// Line adds a line with a marker at each point of marked, and returns its thumbnails for a legend. It adds no line if line is
// empty.
func (p Panel) Line(line plotter.XYs, s Style, marked plotter.XYs) []plot.Thumbnailer {
	l := &plotter.Line{XYs: line, LineStyle: draw.LineStyle{Color: s.Color, Width: s.width(), Dashes: s.Dashes}}
	if len(line) > 0 {
		p.Add(l)
	}
	if s.Marker == nil {
		return []plot.Thumbnailer{l}
	}
	return []plot.Thumbnailer{l, p.Marks(marked, s)}
}

// Thumbnail returns the thumbnails of a line for a legend, as Line does.
func Thumbnail(s Style) []plot.Thumbnailer { return Panel{}.Line(nil, s, nil) }

// Marks adds markers and returns their thumbnail for a legend.
func (p Panel) Marks(at plotter.XYs, s Style) plot.Thumbnailer {
	m := marks{&plotter.Scatter{XYs: at, GlyphStyle: draw.GlyphStyle{Color: s.Color, Radius: s.radius(), Shape: s.Marker}}}
	if len(at) > 0 {
		p.Add(m)
	}
	return m
}

// marks are markers that reserve no space beyond the data, so that the axes of all panels are aligned.
type marks struct{ *plotter.Scatter }

// GlyphBoxes implements plot.GlyphBoxer.
func (marks) GlyphBoxes(*plot.Plot) []plot.GlyphBox { return nil }

// Band fills the area between two lines of equal length with the style's tint.
func (p Panel) Band(low, high plotter.XYs, s Style) {
	outline := append(plotter.XYs{}, high...)
	for i := len(low) - 1; i >= 0; i-- {
		outline = append(outline, low[i])
	}
	if len(outline) > 0 {
		p.Add(&plotter.Polygon{XYs: []plotter.XYs{outline}, Color: s.Tint()})
	}
}
