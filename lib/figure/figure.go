// Package figure draws the figures of the study for print, and the pictures and tables of its notebooks.
//
// A figure is one file and one line of the Catalogue. The file has the function of the figure's name, which draws it from records
// alone and gives the CSV of the numbers that it plots, and its Entry: what the figure shows, from which files, and what the
// records say there in sentences. The bytes of every file depend on nothing but the records.
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

// Figure is a drawing and the table of the numbers in it.
type Figure struct {
	Name    string // of the function that drew it and of its files
	drawing *plate.Drawing
	table   [][]string // the first row names the columns
}

func newFigure(name string, p *plate.Plate, table [][]string) *Figure {
	return &Figure{Name: name, drawing: p.Drawing(), table: table}
}

// Save writes Name.pdf, Name.svg (both with their fonts embedded), Name.png and Name.csv into dir, which it makes
// where it is missing: all four files or none.
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

// PNG is the figure as a picture of 300 dots an inch.
func (f *Figure) PNG() ([]byte, error) {
	var b bytes.Buffer
	err := f.drawing.WritePNG(&b)
	return b.Bytes(), err
}

func (f *Figure) writeCSV(w io.Writer) error { return csv.NewWriter(w).WriteAll(f.table) }
