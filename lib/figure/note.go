package figure

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// note is words in a panel, centred at a place among the data.
type note struct {
	x, y  float64
	words string
}

// Plot implements plot.Plotter.
func (n note) Plot(c draw.Canvas, p *plot.Plot) {
	toX, toY := p.Transforms(&c)
	font := text.Style{Font: sans(smallSize), Handler: plot.DefaultTextHandler, XAlign: text.XCenter, YAlign: text.YCenter}
	c.FillText(font, vg.Point{X: toX(n.x), Y: toY(n.y)}, n.words)
}
