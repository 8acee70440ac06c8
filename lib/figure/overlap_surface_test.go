package figure

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"os/exec"
	"testing"

	"anncapacity/lib/capacity"
	"anncapacity/lib/internal/plate"
)

func TestSurfaceInterpolates(t *testing.T) {
	s, err := newSurface([]capacity.SurfaceRow{{K: 10, EfSearch: 1, Overlap: .2}, {K: 20, EfSearch: 1, Overlap: 0}, {K: 10, EfSearch: 100, Overlap: 1}, {K: 20, EfSearch: 100, Overlap: .8}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ k, logE, want float64 }{{10, 0, .2}, {20, 2, .8}, {15, 0, .1}, {15, 1, .5}, {10, 2, 1}} {
		if got := s.at(c.k, c.logE); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("overlap at k %v, log efSearch %v is %v, want %v", c.k, c.logE, got, c.want)
		}
	}
	if y, ok := s.crossing(.4); !ok || math.Abs(y-1) > 1e-12 {
		t.Errorf("the largest k reaches .4 at %v, want 1", y)
	}
	if _, ok := s.crossing(.9); ok {
		t.Error("the largest k reaches .9, which it never does")
	}
	if _, err := newSurface([]capacity.SurfaceRow{{K: 10, EfSearch: 1}, {K: 20, EfSearch: 1}, {K: 10, EfSearch: 2}, {K: 30, EfSearch: 2}}); err == nil {
		t.Error("a surface with holes was taken")
	}
}

// The raster of the surface has the same orientation in PDF and PNG: light for large efSearch and small k, dark in the opposite
// corner.
func TestRasterIsUpright(t *testing.T) {
	need(t, "pdftoppm", "poppler-utils")
	f, err := OverlapSurface(explanation().Surface, photographs)
	if err != nil {
		t.Fatal(err)
	}
	files := saved(t, f)
	paper := exec.Command("pdftoppm", "-png", "-r", fmt.Sprint(plate.DPI), "-")
	paper.Stdin = bytes.NewReader(files["pdf"])
	drawn, err := paper.Output()
	if err != nil {
		t.Fatal(err)
	}
	for format, picture := range map[string][]byte{"PDF": drawn, "PNG": files["png"]} {
		img, err := png.Decode(bytes.NewReader(picture))
		if err != nil {
			t.Fatal(err)
		}
		at := func(x, y float64) int {
			r, g, _, _ := img.At(int(x*float64(img.Bounds().Dx())), int(y*float64(img.Bounds().Dy()))).RGBA()
			return int(r>>8) + int(g>>8)
		}
		if light, dark := at(.2, .2), at(.8, .65); light < 400 || dark > 250 {
			t.Errorf("%s: red and green are %d where overlap is 1, and %d where it is small", format, light, dark)
		}
	}
	if !bytes.Contains(files["svg"], []byte(`<image preserveAspectRatio="none"`)) {
		t.Error("the SVG does not stretch the raster over its panel")
	}
}
