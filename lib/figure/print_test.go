package figure

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"anncapacity/lib/internal/plate"

	"golang.org/x/text/encoding/charmap"
	"gonum.org/v1/plot/vg"
)

// No text of any figure is smaller than seven points, each is on the figure, and each can be written in a PDF.
func TestTextIsLegibleInPrint(t *testing.T) {
	results := withCoder(3)
	for _, e := range Catalogue {
		f, err := e.Draw(results, photographs)
		if err != nil {
			t.Fatal(err)
		}
		if f.drawing.Width != plate.SingleColumn && f.drawing.Width != plate.DoubleColumn {
			t.Errorf("%s is %v points wide: neither a column nor a page", f.Name, f.drawing.Width)
		}
		lines := f.drawing.Text()
		if len(lines) < 10 {
			t.Errorf("%s has %d pieces of text", f.Name, len(lines))
		}
		for _, line := range lines {
			if line.Size < 7*vg.Points(1) {
				t.Errorf("%s: %q has %v points", f.Name, line.String, line.Size)
			}
			if _, err := charmap.Windows1252.NewEncoder().String(line.String); err != nil {
				t.Errorf("%s: %q: %v", f.Name, line.String, err)
			}
		}
	}
}

// The raster of the surface lies in a PDF as it does in a PNG: light where efSearch is large and k small, dark in the other corner.
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

// A browser takes the subset for a font: what it rejects, it replaces by another without a word.
func TestBrowserTakesTheSubset(t *testing.T) {
	need(t, "chromium", "chromium")
	f, err := Hubness(explanation().Hubness, photographs)
	if err != nil {
		t.Fatal(err)
	}
	embedded := regexp.MustCompile(`data:font/ttf;charset=utf-8;base64,([A-Za-z0-9+/=]+)`).FindSubmatch(saved(t, f)["svg"])
	if embedded == nil {
		t.Fatal("the SVG has no font")
	}
	page := filepath.Join(t.TempDir(), "page.html")
	script := fmt.Sprintf(`<body><script>new FontFace("f", "url(%s)").load().then(() => document.body.append("taken"), e => document.body.append("refused: " + e))</script>`, embedded[0])
	if err := os.WriteFile(page, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir="+t.TempDir(), "--virtual-time-budget=5000", "--dump-dom", "file://"+page).Output()
	if err != nil || !bytes.Contains(out, []byte("</script>taken")) {
		t.Errorf("%v\n%.300s", err, out[max(0, len(out)-300):])
	}
}
