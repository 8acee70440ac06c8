// Package embedding reads and writes embeddings. FILE.npy holds the vectors as an n × d array in NumPy's format.
// FILE.csv beside it gives the image and the class of each row. Open also reads formats of other programs.
package embedding

import (
	"bufio"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/atomicfile"
)

// Row identifies the image from which a vector was computed.
type Row struct {
	Image string // path or number of the photograph in its dataset
	Class string // empty if the image has no label
}

// csvHeader is the first line of FILE.csv.
var csvHeader = []string{"row", "image", "class"}

// rowsPath returns FILE.csv, given FILE.npy.
func rowsPath(path string) string { return strings.TrimSuffix(path, filepath.Ext(path)) + ".csv" }

// Write writes v to FILE.npy (float32, C order) and rows to FILE.csv. Either both files are written or neither. Existing
// files are replaced if CheckWrite accepts them.
func Write(path string, v ann.Vectors, rows []Row) error {
	if len(rows) != v.N {
		return fmt.Errorf("%s: there are %d rows and %d vectors", path, len(rows), v.N)
	}
	if err := CheckWrite(path); err != nil {
		return err
	}
	return atomicfile.WriteAll(
		atomicfile.File{Path: rowsPath(path), Write: func(w io.Writer) error { return writeRows(w, rows) }},
		atomicfile.File{Path: path, Write: func(w io.Writer) error { return writeNPY(w, v) }},
	)
}

func writeRows(w io.Writer, rows []Row) error {
	c := csv.NewWriter(w)
	c.Write(csvHeader)
	for i, r := range rows {
		c.Write([]string{strconv.Itoa(i), r.Image, r.Class})
	}
	c.Flush()
	return c.Error()
}

// writeNPY writes format version 1.0. The header is padded so that the data start at a multiple of 64 bytes.
func writeNPY(w io.Writer, v ann.Vectors) error {
	dict := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }", v.N, v.D)
	dict += strings.Repeat(" ", 63-(len(dict)+10)%64) + "\n"
	head := append([]byte("\x93NUMPY\x01\x00"), byte(len(dict)), byte(len(dict)>>8))
	if _, err := w.Write(append(head, dict...)); err != nil {
		return err
	}
	buf := make([]byte, 0, 4*v.D)
	for i := range v.N {
		buf = buf[:0]
		for _, x := range v.Row(i) {
			buf = binary.LittleEndian.AppendUint32(buf, math.Float32bits(x))
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}

// OpenRows reads FILE.csv, given the path of FILE.npy.
func OpenRows(path string) ([]Row, error) {
	path = rowsPath(path)
	f, _, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines, err := csv.NewReader(bufio.NewReader(f)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(lines) == 0 || !slices.Equal(lines[0], csvHeader) {
		return nil, fmt.Errorf("%s: the first line must be %q", path, strings.Join(csvHeader, ","))
	}
	rows := make([]Row, 0, len(lines)-1)
	for i, line := range lines[1:] {
		if line[0] != strconv.Itoa(i) {
			return nil, fmt.Errorf("%s: line %d is row %q, row %d is expected", path, i+2, line[0], i)
		}
		rows = append(rows, Row{Image: line[1], Class: line[2]})
	}
	return rows, nil
}
