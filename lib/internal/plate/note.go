package plate

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Note writes words into the panel, centred at a point among its data.
func (p Panel) Note(x, y float64, words string) { p.Add(note{x, y, words}) }

type note struct {
	x, y  float64
	words string
}

// Plot implements plot.Plotter.
func (n note) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	style := text.Style{Font: Sans(SmallSize), Handler: plot.DefaultTextHandler, XAlign: text.XCenter, YAlign: text.YCenter}
	c.FillText(style, vg.Point{X: toX(n.x), Y: toY(n.y)}, n.words)
}

// EdgeLabels are words beside the right edge of a plot, at heights among its data in ascending order.
type EdgeLabels []EdgeLabel

// EdgeLabel is one of EdgeLabels.
type EdgeLabel struct {
	Y     float64
	Words string
}

// Plot implements plot.Plotter. A label that would cover the one below it is moved up.
func (l EdgeLabels) Plot(c draw.Canvas, p *plot.Plot) {
	_, toY := p.Transforms(&c)
	style := text.Style{Font: Sans(SmallSize), Handler: plot.DefaultTextHandler, YAlign: text.YCenter}
	free := c.Min.Y // above it there is no label yet
	for _, label := range l {
		at := max(toY(label.Y), free)
		c.FillText(style, vg.Point{X: c.Max.X + 2, Y: at}, label.Words)
		free = at + SmallSize
	}
}

// GlyphBoxes implements plot.GlyphBoxer: it reserves room for the labels.
func (l EdgeLabels) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	width := Sans(SmallSize).Size * 2
	return []plot.GlyphBox{{X: 1, Y: .5, Rectangle: vg.Rectangle{Max: vg.Point{X: width, Y: 1}}}}
}
