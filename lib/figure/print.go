package figure

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"slices"
	"sync"
	"time"

	pdf "codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/opentype"
	"golang.org/x/text/encoding/charmap"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
	"gonum.org/v1/plot/vg/vgpdf"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The vector formats embed a subset of their font with the glyphs of the figure alone: some 10 kB, where the whole font has 400.

func (f *Figure) writeSVG(w io.Writer) error {
	letters, err := f.font()
	if err != nil {
		return err
	}
	c := vgsvg.NewWith(vgsvg.UseWH(f.width, f.height), vgsvg.EmbedFonts(true))
	f.draw(draw.New(svgCanvas{c, letters}))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return err
	}
	_, err = w.Write(mendSVG(b.Bytes()))
	return err
}

func (f *Figure) writePDF(w io.Writer) error {
	letters, err := f.font()
	if err != nil {
		return err
	}
	fixPDF()
	c := pdfCanvas{vgpdf.New(f.width, f.height), letters}
	f.draw(draw.New(c))
	_, err = c.WriteTo(w)
	return err
}

// text is every line of text in the figure, with its face, in the order of drawing.
func (f *Figure) text() (all []*recorder.FillString) {
	var c recorder.Canvas
	f.draw(draw.NewCanvas(&c, f.width, f.height))
	for _, action := range c.Actions {
		if text, ok := action.(*recorder.FillString); ok {
			all = append(all, text)
		}
	}
	return all
}

// font is what the figure's text is set in: sans with the characters that the figure has.
func (f *Figure) font() (*opentype.Font, error) {
	var runes []rune
	for _, text := range f.text() {
		runes = append(runes, []rune(text.String)...)
	}
	slices.Sort(runes)
	letters, err := subset(font.DefaultCache.Lookup(sans(labelSize), labelSize), string(slices.Compact(runes)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Name, err)
	}
	return letters, nil
}

// svgCanvas draws with a subset of the font.
type svgCanvas struct {
	*vgsvg.Canvas
	letters *opentype.Font
}

func (c svgCanvas) FillString(face font.Face, at vg.Point, text string) {
	face.Face = c.letters
	c.Canvas.FillString(face, at, text)
}

// mendSVG lets images fill their rectangles and keeps spaces in a row, as the other formats do, and calls PNG what vgsvg
// calls JPEG.
func mendSVG(svg []byte) []byte {
	for _, change := range [][2]string{
		{"<image ", `<image preserveAspectRatio="none" `}, {"<text ", `<text xml:space="preserve" `}, {"data:image/jpg;", "data:image/png;"},
	} {
		svg = bytes.ReplaceAll(svg, []byte(change[0]), []byte(change[1]))
	}
	return svg
}

// fixPDF makes one drawing one sequence of bytes: the date inside a PDF is fixed, and its catalogues are sorted. vgpdf has no settings
// of a single canvas, so these are the defaults of package fpdf, set before the first PDF is drawn.
var fixPDF = sync.OnceFunc(func() {
	epoch := time.Unix(0, 0).UTC()
	pdf.SetDefaultCreationDate(epoch)
	pdf.SetDefaultModificationDate(epoch)
	pdf.SetDefaultCatalogSort(true)
})

// pdfCanvas draws with a subset of the font.
type pdfCanvas struct {
	*vgpdf.Canvas
	letters *opentype.Font
}

// FillString hands text to the PDF in the encoding of its embedded fonts, Windows-1252; vgpdf passes UTF-8 on, which prints
// "·" as "Â·". A character that the encoding lacks becomes "?".
func (c pdfCanvas) FillString(face font.Face, at vg.Point, text string) {
	western := make([]byte, 0, len(text))
	for _, r := range text {
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok {
			b = '?'
		}
		western = append(western, b)
	}
	face.Face = c.letters
	c.Canvas.FillString(face, at, string(western))
}

// DrawImage turns the image over, because vgpdf draws it upside down.
func (c pdfCanvas) DrawImage(at vg.Rectangle, img image.Image) {
	b := img.Bounds()
	turned := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			turned.Set(x, b.Dy()-1-y, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	c.Canvas.DrawImage(at, turned)
}
