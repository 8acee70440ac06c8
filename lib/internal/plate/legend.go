package plate

import (
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Legend lists the names of lines and markers under a heading.
type Legend struct {
	heading string
	entries plot.Legend
	lines   int
}

// NewLegend returns a legend without entries. The heading may have several lines.
func NewLegend(heading string) *Legend {
	l := &Legend{heading: heading, entries: plot.NewLegend()}
	l.entries.Top, l.entries.Left, l.entries.ThumbnailWidth = true, true, vg.Points(26)
	l.entries.TextStyle.Font = Sans(SmallSize)
	l.entries.Padding = lineStep - l.entries.TextStyle.Rectangle("efSearch").Max.Y
	return l
}

// Add appends an entry.
func (l *Legend) Add(name string, thumbs ...plot.Thumbnailer) {
	l.entries.Add(name, thumbs...)
	l.lines++
}

// Len returns the number of entries.
func (l *Legend) Len() int { return l.lines }

func (l *Legend) draw(c draw.Canvas) {
	style := text.Style{Font: Sans(SmallSize), Handler: plot.DefaultTextHandler, YAlign: text.YTop}
	c.FillText(style, vg.Point{X: c.Min.X, Y: c.Max.Y}, l.heading)
	l.entries.Draw(draw.Crop(c, 0, 0, 0, -vg.Length(l.headingLines())*lineStep))
}

func (l *Legend) headingLines() int { return 1 + strings.Count(l.heading, "\n") }

func (l *Legend) height() vg.Length { return vg.Length(l.lines+l.headingLines()) * lineStep }

// rowHeight returns the height of a row of legends, including the space below it.
func rowHeight(row []*Legend) (height vg.Length) {
	for _, l := range row {
		height = max(height, l.height())
	}
	return height + 8
}

func (s *Plate) legendHeight() (height vg.Length) {
	for _, row := range s.legendRows() {
		height += rowHeight(row)
	}
	return height
}

func (s *Plate) legendRows() [][]*Legend {
	if s.PerRow == 0 {
		return [][]*Legend{s.Legends}
	}
	return slices.Collect(slices.Chunk(s.Legends, s.PerRow))
}

// drawLegends draws the legends in rows in the lowest part of the canvas, which has the height below.
func (s *Plate) drawLegends(c draw.Canvas, below vg.Length) {
	c = draw.Crop(c, 36, 0, 0, below-4-c.Max.Y+c.Min.Y)
	top := vg.Length(0)
	for _, row := range s.legendRows() {
		column := c.Size().X / vg.Length(max(s.PerRow, len(row)))
		for i, l := range row {
			l.draw(draw.Crop(c, vg.Length(i)*column, 0, 0, -top))
		}
		top += rowHeight(row)
	}
}

// stackLegends draws the legends below one another.
func stackLegends(c draw.Canvas, legends []*Legend) {
	top := vg.Length(0)
	for _, l := range legends {
		l.draw(draw.Crop(c, 0, 0, 0, -top))
		top += l.height() + 5
	}
}

// A Swatch is a filled rectangle in a legend.
type Swatch struct{ color.Color }

// Thumbnail implements plot.Thumbnailer.
func (s Swatch) Thumbnail(c *draw.Canvas) {
	c.FillPolygon(s.Color, []vg.Point{{X: c.Min.X, Y: c.Min.Y}, {X: c.Max.X, Y: c.Min.Y}, {X: c.Max.X, Y: c.Max.Y - 1}, {X: c.Min.X, Y: c.Max.Y - 1}})
}
