// Package figure draws the figures of the study for print, and the pictures and tables of its notebooks.
//
// Each figure has one source file and one line of the Catalogue. The file has a function with the figure's name, which draws the
// figure and its table of numbers from records, and an Entry, which describes the figure. The bytes of all output files depend
// only on the records and the Subject.
package figure

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"path/filepath"

	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/internal/plate"
)

// A Figure is a drawing with the table of the numbers in it.
type Figure struct {
	Name    string // name of its function and of its files
	drawing *plate.Drawing
	table   [][]string // the first row names the columns
}

func newFigure(name string, p *plate.Plate, table [][]string) *Figure {
	return &Figure{Name: name, drawing: p.Drawing(), table: table}
}

// Save writes Name.pdf, Name.svg (both with embedded fonts), Name.png and Name.csv to dir: all four files or none. It creates
// dir if necessary.
func (f *Figure) Save(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	writers := map[string]func(io.Writer) error{".pdf": f.drawing.WritePDF, ".svg": f.drawing.WriteSVG, ".png": f.drawing.WritePNG, ".csv": f.writeCSV}
	var files []atomicfile.File
	for _, extension := range extensions {
		files = append(files, atomicfile.File{Path: filepath.Join(dir, f.Name+extension), Write: writers[extension]})
	}
	return atomicfile.WriteAll(files...)
}

// PNG returns the figure as a PNG of 300 dots per inch.
func (f *Figure) PNG() ([]byte, error) {
	var b bytes.Buffer
	err := f.drawing.WritePNG(&b)
	return b.Bytes(), err
}

func (f *Figure) writeCSV(w io.Writer) error { return csv.NewWriter(w).WriteAll(f.table) }
