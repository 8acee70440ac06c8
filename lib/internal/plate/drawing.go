// Package plate draws figures for print: plots in panels under one title, over their legends, in one set of fonts, colours and
// markers, as PDF, SVG and PNG. A drawing's bytes depend on its content alone.
package plate

import (
	"io"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
	"gonum.org/v1/plot/vg/vgimg"
)

// Widths of a figure in a two-column journal, and the resolution of its PNG in dots an inch.
const (
	SingleColumn = 3.3 * vg.Inch // 84 mm
	DoubleColumn = 7 * vg.Inch   // 178 mm
	DPI          = 300
)

// Drawing is what a plate draws, and its size.
type Drawing struct {
	Width, Height vg.Length
	draw          func(draw.Canvas)
}

// WritePNG writes the drawing as a picture of 300 dots an inch.
func (d *Drawing) WritePNG(w io.Writer) error {
	c := vgimg.NewWith(vgimg.UseWH(d.Width, d.Height), vgimg.UseDPI(DPI))
	d.draw(draw.New(c))
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

// Text returns every line of text in the drawing, with its face, in the order of drawing.
func (d *Drawing) Text() (all []*recorder.FillString) {
	var c recorder.Canvas
	d.draw(draw.NewCanvas(&c, d.Width, d.Height))
	for _, action := range c.Actions {
		if text, ok := action.(*recorder.FillString); ok {
			all = append(all, text)
		}
	}
	return all
}
