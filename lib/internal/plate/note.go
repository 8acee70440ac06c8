package plate

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Note draws words centred at the data coordinates (x, y).
func (p Panel) Note(x, y float64, words string) { p.Add(note{x, y, words}) }

// note implements plot.Plotter.
type note struct {
	x, y  float64
	words string
}

func (n note) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	style := text.Style{Font: Sans(SmallSize), Handler: plot.DefaultTextHandler, XAlign: text.XCenter, YAlign: text.YCenter}
	c.FillText(style, vg.Point{X: toX(n.x), Y: toY(n.y)}, n.words)
}

// EdgeLabels are labels at the right edge of a plot, in ascending order of Y.
type EdgeLabels []EdgeLabel

// An EdgeLabel is a label at the data coordinate Y.
type EdgeLabel struct {
	Y     float64
	Words string
}

// Plot implements plot.Plotter. It moves a label up if it would cover the one below.
func (l EdgeLabels) Plot(c draw.Canvas, p *plot.Plot) {
	_, toY := p.Transforms(&c)
	style := text.Style{Font: Sans(SmallSize), Handler: plot.DefaultTextHandler, YAlign: text.YCenter}
	free := c.Min.Y // there are no labels above this height
	for _, label := range l {
		at := max(toY(label.Y), free)
		c.FillText(style, vg.Point{X: c.Max.X + 2, Y: at}, label.Words)
		free = at + SmallSize
	}
}

// GlyphBoxes implements plot.GlyphBoxer. It reserves space for the labels.
func (l EdgeLabels) GlyphBoxes(*plot.Plot) []plot.GlyphBox {
	width := Sans(SmallSize).Size * 2
	return []plot.GlyphBox{{X: 1, Y: .5, Rectangle: vg.Rectangle{Max: vg.Point{X: width, Y: 1}}}}
}
