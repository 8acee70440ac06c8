package plate

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Plate is the layout of a figure: a title, panels below it, and legends below these. Up to three panels form one row, more
// form two rows. If the second row lacks a panel, the legends are drawn in its place. A single panel with a label at its
// vertical axis has the title above its axes.
type Plate struct {
	Title   string // two lines
	Width   vg.Length
	Height  vg.Length // of a row of panels, or of a single labelled panel with its title
	Panels  []Panel
	Legends []*Legend
	PerRow  int // legends in a row below the panels; zero means all of them, or the place of a missing last panel
}

// A Panel is one plot of a plate. Its title is the name of the quantity.
type Panel struct {
	*plot.Plot // nil leaves a gap
	Title      string
}

const (
	margin      = 2 // around a plot without legends, in points
	titleHeight = 2*lineStep + 8
)

// Letter returns the title of the i-th of several panels: "a   overlap" for the first.
func Letter(i int, title string) string { return fmt.Sprintf("%c   %s", 'a'+i, title) }

// Drawing returns the plate as a drawing.
func (s *Plate) Drawing() *Drawing {
	rows, below := s.rows(), vg.Length(margin)
	if len(s.Legends) > 0 {
		below = s.legendHeight()
	}
	switch {
	case s.labelled():
		return &Drawing{s.Width, s.Height + below, func(c draw.Canvas) { s.drawLabelled(c, below) }}
	case s.hasGap(rows):
		return &Drawing{s.Width, titleHeight + vg.Length(len(rows))*s.Height, func(c draw.Canvas) {
			s.drawTitle(c)
			stackLegends(draw.Crop(s.drawPanels(c, rows, 0), 24, 0, 0, -lineStep), s.Legends)
		}}
	}
	return &Drawing{s.Width, titleHeight + vg.Length(len(rows))*s.Height + below, func(c draw.Canvas) {
		s.drawTitle(c)
		s.drawPanels(c, rows, below)
		s.drawLegends(c, below)
	}}
}

// rows returns the panels in one row, or in two rows of equal length; the second is filled with empty panels.
func (s *Plate) rows() (rows [][]Panel) {
	columns := len(s.Panels)
	if columns > 3 {
		columns = (columns + 1) / 2
	}
	for row := range slices.Chunk(s.Panels, columns) {
		rows = append(rows, append(slices.Clone(row), make([]Panel, columns-len(row))...))
	}
	return rows
}

func (s *Plate) labelled() bool { return len(s.Panels) == 1 && s.Panels[0].Y.Label.Text != "" }

// hasGap reports whether the legends are drawn in the place of a missing last panel.
func (s *Plate) hasGap(rows [][]Panel) bool {
	last := rows[len(rows)-1]
	return s.PerRow == 0 && last[len(last)-1].Plot == nil
}

// drawLabelled draws the only panel with the title over its axes, and the legends below.
func (s *Plate) drawLabelled(c draw.Canvas, below vg.Length) {
	p := s.Panels[0].Plot
	p.Title.Text, p.Title.TextStyle.Font, p.Title.Padding = s.Title, Sans(titleSize), vg.Points(1)
	p.Draw(draw.Crop(c, margin, -6, below, -margin))
	s.drawLegends(c, below)
}

func (s *Plate) drawTitle(c draw.Canvas) {
	style := text.Style{Font: Sans(titleSize), Handler: plot.DefaultTextHandler, XAlign: text.XCenter, YAlign: text.YTop}
	c.FillText(style, vg.Point{X: c.Center().X, Y: c.Max.Y - 2}, s.Title)
}

// drawPanels draws the panels, with aligned axes, above the height below. It returns the canvas of the last panel.
func (s *Plate) drawPanels(c draw.Canvas, rows [][]Panel, below vg.Length) draw.Canvas {
	c = draw.Crop(c, 0, 0, below, -titleHeight)
	columns := len(rows[0])
	tiles := draw.Tiles{Rows: len(rows), Cols: columns, PadX: 10, PadY: lineStep + 8, PadLeft: 2, PadRight: 8, PadTop: lineStep + 2, PadBottom: 2}
	plots := make([][]*plot.Plot, len(rows))
	for i, row := range rows {
		for _, p := range row {
			plots[i] = append(plots[i], p.Plot)
		}
	}
	places := plot.Align(plots, tiles, c)
	for i, row := range rows {
		for j, p := range row {
			if p.Plot != nil {
				p.drawIn(places[i][j])
			}
		}
	}
	return tiles.At(c, columns-1, len(rows)-1)
}

// drawIn draws the plot with its title at the upper left of its axes.
func (p Panel) drawIn(c draw.Canvas) {
	p.Draw(c)
	axes := p.DataCanvas(c)
	style := text.Style{Font: Sans(labelSize), Handler: plot.DefaultTextHandler}
	c.FillText(style, vg.Point{X: axes.Min.X, Y: axes.Max.Y + 7}, p.Title)
}
