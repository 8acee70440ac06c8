// Package plate draws figures for print and writes them as PDF, SVG and PNG. A figure has a title, panels with plots, and
// legends, in uniform fonts, colours and markers. The bytes of a file depend only on the content of the drawing.
package plate

import (
	"io"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
	"gonum.org/v1/plot/vg/vgimg"
)

// Widths of a figure in a two-column journal, and the resolution of its PNG in dots per inch.
const (
	SingleColumn = 3.3 * vg.Inch // 84 mm
	DoubleColumn = 7 * vg.Inch   // 178 mm
	DPI          = 300
)

// A Drawing is a figure of a given size that can be written in each format.
type Drawing struct {
	Width, Height vg.Length
	draw          func(draw.Canvas)
}

// WritePNG writes the drawing as PNG, with DPI dots per inch.
func (d *Drawing) WritePNG(w io.Writer) error {
	c := vgimg.NewWith(vgimg.UseWH(d.Width, d.Height), vgimg.UseDPI(DPI))
	d.draw(draw.New(c))
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

// Text returns all lines of text in the drawing, with their font faces, in the order of drawing.
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
