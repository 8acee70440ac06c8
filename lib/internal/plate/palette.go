package plate

import (
	"image/color"
	"math"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Colours of Okabe & Ito, which remain distinct with colour-vision deficiencies, and a grey.
var (
	Black     = color.RGBA{0, 0, 0, 255}
	Blue      = color.RGBA{0x00, 0x72, 0xb2, 255}
	Vermilion = color.RGBA{0xd5, 0x5e, 0x00, 255}
	Green     = color.RGBA{0x00, 0x9e, 0x73, 255}
	Orange    = color.RGBA{0xe6, 0x9f, 0x00, 255}
	Purple    = color.RGBA{0xcc, 0x79, 0xa7, 255}
	Sky       = color.RGBA{0x56, 0xb4, 0xe9, 255}
	Grey      = color.RGBA{0x80, 0x80, 0x80, 255}
)

// White, and Ink, the colour of text.
var (
	White = color.RGBA{255, 255, 255, 255}
	Ink   = color.RGBA{30, 30, 30, 255}
)

// A Style is the appearance of a line. The styles of a figure differ in grey value, dashes and markers, so that they remain
// distinct in black and white and with colour-vision deficiencies.
type Style struct {
	Color  color.RGBA
	Dashes []vg.Length
	Marker draw.GlyphDrawer // nil means none
	Width  vg.Length        // of the line; zero means 0.9 points
	Radius vg.Length        // of the marker; zero means 1.7 points
}

func (s Style) width() vg.Length {
	if s.Width == 0 {
		return 0.9
	}
	return s.Width
}

func (s Style) radius() vg.Length {
	if s.Radius == 0 {
		return 1.7
	}
	return s.Radius
}

// Tint returns the colour of the style's band: one part of its colour and three parts of white. It is opaque, because vgpdf
// darkens transparent colours.
func (s Style) Tint() color.RGBA {
	light := func(x uint8) uint8 { return uint8((3*255 + int(x)) / 4) }
	return color.RGBA{light(s.Color.R), light(s.Color.G), light(s.Color.B), 255}
}

var shades = []Style{
	{Color: color.RGBA{0x44, 0x01, 0x54, 255}, Marker: draw.CircleGlyph{}},
	{Color: color.RGBA{0x3b, 0x52, 0x8b, 255}, Marker: draw.PyramidGlyph{}},
	{Color: color.RGBA{0x21, 0x91, 0x8c, 255}, Marker: draw.BoxGlyph{}},
	{Color: color.RGBA{0x5e, 0xc9, 0x62, 255}, Marker: draw.CrossGlyph{}},
	{Color: color.RGBA{0xc8, 0xc0, 0x20, 255}, Marker: draw.RingGlyph{}},
}

// Shade returns the style of the i-th of several settings. There are five, from dark to light along viridis; i is taken modulo
// five.
func Shade(i int) Style { return shades[i%len(shades)] }

var dashedGreys = []Style{
	{Color: color.RGBA{0x40, 0x40, 0x40, 255}, Dashes: []vg.Length{1, 1.5}, Marker: draw.RingGlyph{}},
	{Color: color.RGBA{0x60, 0x60, 0x60, 255}, Dashes: []vg.Length{3, 1.5}, Marker: draw.TriangleGlyph{}},
	{Color: color.RGBA{0x80, 0x80, 0x80, 255}, Dashes: []vg.Length{5, 1.5, 1, 1.5}, Marker: draw.SquareGlyph{}},
	{Color: color.RGBA{0xa0, 0xa0, 0xa0, 255}, Dashes: []vg.Length{7, 2}, Marker: draw.PlusGlyph{}},
}

// DashedGrey returns the style of the i-th setting of a second group, compared with lines in shades. There are four, from dark
// to light; i is taken modulo four.
func DashedGrey(i int) Style { return dashedGreys[i%len(dashedGreys)] }

// Styles of further lines in a panel with shades.
var (
	// Reference is the style of exact values.
	Reference = Style{Color: Black, Dashes: []vg.Length{3, 2}}
	// Underlaid is the style of published values, drawn below the others.
	Underlaid = Style{Color: color.RGBA{0x90, 0x90, 0x90, 255}, Dashes: []vg.Length{1, 1.4}, Width: 1.4}
)

// Viridis is a palette of n colours from dark to light (Smith & van der Walt).
type Viridis int

// Colors implements palette.Palette.
func (n Viridis) Colors() []color.Color {
	anchors := []color.RGBA{{68, 1, 84, 255}, {71, 44, 122, 255}, {59, 81, 139, 255}, {44, 113, 142, 255}, {33, 144, 141, 255},
		{39, 173, 129, 255}, {92, 200, 99, 255}, {170, 220, 50, 255}, {253, 231, 37, 255}}
	colors := make([]color.Color, n)
	for i := range colors {
		at := float64(i) / float64(n-1) * float64(len(anchors)-1)
		j := min(int(at), len(anchors)-2)
		colors[i] = Mix(anchors[j], anchors[j+1], at-float64(j))
	}
	return colors
}

// Mix returns the colour at t between a (0) and b (1).
func Mix(a, b color.RGBA, t float64) color.RGBA {
	between := func(x, y uint8) uint8 { return uint8(math.Round((1-t)*float64(x) + t*float64(y))) }
	return color.RGBA{between(a.R, b.R), between(a.G, b.G), between(a.B, b.B), 255}
}
