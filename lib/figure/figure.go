// Package figure draws the figures of the study for print, and the pictures and tables of its notebooks.
//
// A figure has a function of its own name, and its files have that name too. It is drawn from records alone, and
// the numbers that it plots stand in a CSV beside it. The bytes of every file depend on nothing but the records.
package figure

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"

	"anncapacity/lib/internal/atomicfile"
)

// Widths of a figure in a two-column journal, and the resolution of its PNG in dots an inch.
const (
	SingleColumn = 3.3 * vg.Inch // 84 mm
	DoubleColumn = 7 * vg.Inch   // 178 mm
	dpi          = 300
)

// Figure is a drawing and the table of the numbers in it.
type Figure struct {
	Name          string // of the function that drew it and of its files
	width, height vg.Length
	draw          func(draw.Canvas)
	data          [][]string // the first row names the columns
}

// Save writes Name.pdf, Name.svg (both with their fonts embedded), Name.png and Name.csv into dir, which it makes
// where it is missing: all four files or none.
func (f *Figure) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	writers := map[string]func(io.Writer) error{".pdf": f.writePDF, ".svg": f.writeSVG, ".png": f.writePNG, ".csv": f.writeCSV}
	var files []atomicfile.File
	for _, extension := range extensions {
		files = append(files, atomicfile.File{Path: filepath.Join(dir, f.Name+extension), Write: writers[extension]})
	}
	return atomicfile.WriteAll(files...)
}

// PNG is the figure as a picture of 300 dots an inch.
func (f *Figure) PNG() ([]byte, error) {
	var b bytes.Buffer
	err := f.writePNG(&b)
	return b.Bytes(), err
}

func (f *Figure) writePNG(w io.Writer) error {
	c := vgimg.NewWith(vgimg.UseWH(f.width, f.height), vgimg.UseDPI(dpi))
	f.draw(draw.New(c))
	_, err := vgimg.PngCanvas{Canvas: c}.WriteTo(w)
	return err
}

func (f *Figure) writeCSV(w io.Writer) error { return csv.NewWriter(w).WriteAll(f.data) }

// Subject says what a figure is about, in the words under its title.
type Subject struct {
	Dataset string // study.Job.DatasetName: "imagenette96", "generated", "generated-500"
	Network string // study.Job.WeightsName: "imagenet1k_v2", "untrained", the name of a file or of its folder
	Points  int    // points indexed in each run
}

func (s Subject) generated() bool {
	return s.Dataset == "generated" || strings.HasPrefix(s.Dataset, "generated-")
}

func (s Subject) untrained() bool { return s.Network == "untrained" }

// source is, for example, "imagenette96 · resnet50-pqf". The set that the program generates and the network that nobody
// trained are called what they are.
func (s Subject) source() string {
	switch {
	case s.generated() && s.untrained():
		return "generated images, untrained network"
	case s.generated():
		return "generated images · " + s.Network
	case s.untrained():
		return s.Dataset + " · untrained network"
	}
	return s.Dataset + " · " + s.Network
}

// Markdown tells the reader of a notebook what its numbers are about, and what they are not about.
func (s Subject) Markdown() string {
	photographs, network := "Photographs: **"+s.Dataset+"**.", "Network: ResNet-50, **"+s.Network+"**."
	if s.generated() {
		photographs = "**Generated images:** this program draws them; they are not photographs."
	}
	if s.untrained() {
		network = "**Untrained network:** the weights of this ResNet-50 are random."
	}
	if s.generated() || s.untrained() {
		network += " The numbers below show that every step works; they say nothing about photographs seen by a trained network."
	}
	return photographs + " " + network
}

// withRuns is the source and, for example, "10 runs of 10,000".
func (s Subject) withRuns(runs int) string {
	return fmt.Sprintf("%s · %s of %s", s.source(), count(runs, "run"), thousands(s.Points))
}

// count is "1 run" or "10 runs".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(n) + " " + noun + "s"
}

// thousands writes 10000 as 10,000.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
