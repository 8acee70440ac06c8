package figure

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"strings"

	"golang.org/x/image/draw"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"

	"anncapacity/lib/ann"
	"anncapacity/lib/images"
	"anncapacity/lib/internal/plate"
)

// Dimensions of a sheet of photographs in pixels.
const (
	thumbnail  = 80 // longer side of a photograph
	gap        = 6
	textSize   = 10
	textHeight = 13 // line spacing
)

// ContactSheet returns a picture of the images of ds with the given row numbers, line by line, each with the name of its class
// below.
func ContactSheet(ds images.Dataset, rows []int32, columns int) (image.Image, error) {
	if len(rows) == 0 || columns < 1 {
		return nil, fmt.Errorf("contact sheet: %d photographs in %d columns", len(rows), columns)
	}
	s := newSheet(columns, (len(rows)+columns-1)/columns, 1)
	for i, row := range rows {
		if err := s.photograph(ds, row, i%columns, i/columns); err != nil {
			return nil, err
		}
		s.write(i%columns, i/columns, 0, plate.Ink, className(ds.Class(int(row))))
	}
	return s.canvas, nil
}

// NearestPhotographs returns a picture with one line for each query: the query in a frame, then its neighbours from left to
// right, each with its distance and class below. A class other than the query's is preceded by ≠. IDs are rows of ds.
func NearestPhotographs(ds images.Dataset, queries []int32, neighbors []ann.Neighbors) (image.Image, error) {
	if len(queries) == 0 || len(queries) != len(neighbors) {
		return nil, fmt.Errorf("nearest photographs: %d queries, %d lists of neighbours", len(queries), len(neighbors))
	}
	longest := 0
	for _, list := range neighbors {
		longest = max(longest, len(list))
	}
	s := newSheet(1+longest, len(queries), 2)
	for y, query := range queries {
		if err := s.photograph(ds, query, 0, y); err != nil {
			return nil, err
		}
		s.frame(0, y)
		s.write(0, y, 0, plate.Ink, "query")
		s.write(0, y, 1, plate.Ink, className(ds.Class(int(query))))
		if err := s.neighbors(ds, query, neighbors[y], y); err != nil {
			return nil, err
		}
	}
	return s.canvas, nil
}

func (s *sheet) neighbors(ds images.Dataset, query int32, list ann.Neighbors, y int) error {
	for i, n := range list {
		if err := s.photograph(ds, n.ID, i+1, y); err != nil {
			return err
		}
		ink, class := plate.Ink, className(ds.Class(int(n.ID)))
		if ds.Class(int(n.ID)) != ds.Class(int(query)) {
			ink, class = plate.Vermilion, "≠ "+class
		}
		s.write(i+1, y, 0, plate.Ink, fmt.Sprintf("%.2f", n.Distance))
		s.write(i+1, y, 1, ink, class)
	}
	return nil
}

// className returns the name of a class with underscores replaced by spaces, "english springer" for "english_springer".
func className(class string) string { return strings.ReplaceAll(class, "_", " ") }

// sheet is a grid of photographs with lines of text below each.
type sheet struct {
	canvas *image.RGBA
	lines  int // lines of text below each photograph
	face   xfont.Face
}

func newSheet(columns, rows, lines int) *sheet {
	face := font.DefaultCache.Lookup(plate.Sans(textSize), textSize)
	s := &sheet{lines: lines, face: face.FontFace(72)} // at 72 dots per inch a point is a pixel
	corner := s.corner(columns, rows)
	s.canvas = image.NewRGBA(image.Rectangle{Max: corner})
	draw.Draw(s.canvas, s.canvas.Bounds(), image.White, image.Point{}, draw.Src)
	return s
}

// corner returns the upper left corner of the photograph in column x and row y.
func (s *sheet) corner(x, y int) image.Point {
	return image.Pt(gap+x*(thumbnail+gap), gap+y*(thumbnail+s.lines*textHeight+2*gap))
}

// photograph draws an image into its cell, scaled and centred.
func (s *sheet) photograph(ds images.Dataset, row int32, x, y int) error {
	if row < 0 || int(row) >= ds.Len() {
		return fmt.Errorf("%s: photograph %d asked of %d", ds.Name(), row, ds.Len())
	}
	rgb, err := images.Load(ds, int(row))
	if err != nil {
		return err
	}
	longer := max(rgb.Width, rgb.Height)
	if longer < 1 {
		return errors.New(ds.ID(int(row)) + ": an image without pixels")
	}
	w, h := max(1, rgb.Width*thumbnail/longer), max(1, rgb.Height*thumbnail/longer)
	at := s.corner(x, y).Add(image.Pt((thumbnail-w)/2, (thumbnail-h)/2))
	source := rgb.Image()
	draw.CatmullRom.Scale(s.canvas, image.Rectangle{at, at.Add(image.Pt(w, h))}, source, source.Bounds(), draw.Src, nil)
	return nil
}

// frame draws a border around the photograph of a cell.
func (s *sheet) frame(x, y int) {
	at := s.corner(x, y)
	outer := image.Rectangle{at, at.Add(image.Pt(thumbnail, thumbnail))}.Inset(-3)
	inner := outer.Inset(2)
	for py := outer.Min.Y; py < outer.Max.Y; py++ {
		for px := outer.Min.X; px < outer.Max.X; px++ {
			if p := image.Pt(px, py); !p.In(inner) {
				s.canvas.SetRGBA(px, py, plate.Ink)
			}
		}
	}
}

// write draws a line of text below a photograph, shortened to the width of its cell.
func (s *sheet) write(x, y, line int, ink color.Color, text string) {
	at := s.corner(x, y).Add(image.Pt(0, thumbnail+(line+1)*textHeight-1))
	for xfont.MeasureString(s.face, text) > fixed.I(thumbnail+gap-2) {
		runes := []rune(strings.TrimSuffix(text, "…"))
		text = string(runes[:len(runes)-1]) + "…"
	}
	d := xfont.Drawer{Dst: s.canvas, Src: image.NewUniform(ink), Face: s.face, Dot: fixed.P(at.X, at.Y)}
	d.DrawString(text)
}
