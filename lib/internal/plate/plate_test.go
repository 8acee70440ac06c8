package plate

import (
	"bytes"
	"image/png"
	"io"
	"math"
	"testing"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

func diagonal(i int) Panel {
	p := NewPanel(Letter(i, "a quantity"), "x · y")
	line := plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}}
	p.Line(line, Shade(i), line)
	return p
}

func named(names ...string) *Legend {
	l := NewLegend("heading")
	for i, name := range names {
		l.Add(name, Swatch{Shade(i).Tint()})
	}
	return l
}

func twoPanels() *Plate {
	return &Plate{Title: "Title\nsource", Width: DoubleColumn, Height: 2 * vg.Inch, Panels: []Panel{diagonal(0), diagonal(1)}, Legends: []*Legend{named("one", "two")}}
}

// Up to three panels form one row, more form two. Legends take no additional height if the last place is free.
func TestPlateHasRoomForItsRowsAndLegends(t *testing.T) {
	const row, title, legend = 2 * 72.0, 2*lineStep + 8, 3*lineStep + 8 // a heading and two entries
	for _, c := range []struct {
		panels, perRow, legends int
		want                    float64
	}{
		{1, 0, 1, title + row + legend}, {3, 0, 2, title + row + legend}, {3, 1, 2, title + row + 2*legend},
		{4, 0, 1, title + 2*row + legend}, {5, 0, 1, title + 2*row}, {5, 2, 3, title + 2*row + 2*legend}, {2, 0, 0, title + row + margin},
	} {
		p := &Plate{Title: "Title\nsource", Width: DoubleColumn, Height: 2 * vg.Inch, PerRow: c.perRow}
		for i := range c.panels {
			p.Panels = append(p.Panels, diagonal(i))
		}
		for range c.legends {
			p.Legends = append(p.Legends, named("one", "two"))
		}
		d := p.Drawing()
		if math.Abs(float64(d.Height)-c.want) > 1e-9 || d.Width != DoubleColumn {
			t.Errorf("%+v: %v × %v points", c, d.Width, d.Height)
		}
		found := map[string]int{}
		for _, line := range d.Text() {
			found[line.String]++
		}
		if found["Title"] != 1 || found["one"] != c.legends || found["x · y"] != c.panels || found[Letter(c.panels-1, "a quantity")] != 1 {
			t.Errorf("%+v: text %v", c, found)
		}
	}
}

// A single labelled panel has the title above its axes, within its height.
func TestLabelledPanel(t *testing.T) {
	p := NewLabelledPanel("horizontal", "vertical")
	p.Line(plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}}, Reference, nil)
	d := (&Plate{Title: "Title\nsource", Width: SingleColumn, Height: 2 * vg.Inch, Panels: []Panel{p}}).Drawing()
	if d.Height != 2*vg.Inch+margin {
		t.Errorf("%v points high", d.Height)
	}
	found := map[string]bool{}
	for _, line := range d.Text() {
		found[line.String] = true
	}
	for _, want := range []string{"Title", "source", "horizontal", "vertical"} {
		if !found[want] {
			t.Errorf("%q is not drawn: %v", want, found)
		}
	}
}

// Each format is valid, and one drawing always gives the same bytes.
func TestFormats(t *testing.T) {
	d := twoPanels().Drawing()
	for name, c := range map[string]struct {
		write func(io.Writer) error
		holds string
	}{"PDF": {d.WritePDF, "/FontFile"}, "SVG": {d.WriteSVG, "@font-face"}, "PNG": {d.WritePNG, "\x89PNG"}} {
		var a, b bytes.Buffer
		if err := c.write(&a); err != nil {
			t.Fatal(err)
		}
		if err := c.write(&b); err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(a.Bytes(), []byte(c.holds)) || !bytes.Equal(a.Bytes(), b.Bytes()) {
			t.Errorf("%s lacks %q or differs from one writing to the next", name, c.holds)
		}
		if name == "SVG" && !bytes.Contains(a.Bytes()[:min(a.Len(), 1<<10)], []byte(SVGMark)) {
			t.Error("SVGMark is not at the beginning of the SVG")
		}
		if name != "PNG" {
			continue
		}
		if picture, err := png.DecodeConfig(&a); err != nil || picture.Width != 7*DPI {
			t.Errorf("%d pixels wide, want %d (%v)", picture.Width, 7*DPI, err)
		}
	}
}
