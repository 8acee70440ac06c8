// Package table writes and reads tables as CSV files. A row is a struct of strings and numbers whose csv tags name the columns.
package table

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"anncapacity/lib/internal/atomicfile"
)

// Numbers is implemented by a field of a row that holds the values of several columns. Its underlying type is []float64; nil
// stands for zeros.
type Numbers interface {
	// ColumnNames returns the names of the columns. It does not depend on the value of the field.
	ColumnNames() []string
}

// columns returns the names of the columns of a row, in order.
func columns[R any]() (names []string) {
	for _, f := range fields[R]() {
		names = append(names, f.names...)
	}
	return names
}

// field is a field of a row and the names of its columns.
type field struct {
	kind  reflect.Kind // reflect.Slice for Numbers
	names []string
}

func fields[R any]() []field {
	t := reflect.TypeFor[R]()
	all := make([]field, t.NumField())
	for i := range all {
		f := t.Field(i)
		all[i] = field{f.Type.Kind(), []string{f.Tag.Get("csv")}}
		if numbers, ok := reflect.Zero(f.Type).Interface().(Numbers); ok {
			all[i].names = numbers.ColumnNames()
		}
	}
	return all
}

// Frame returns the rows as a gota data frame of numbers and strings.
func Frame[R any](rows []R) dataframe.DataFrame {
	types := make(map[string]series.Type)
	for _, f := range fields[R]() {
		for _, name := range f.names {
			switch f.kind {
			case reflect.String:
				types[name] = series.String
			case reflect.Float64, reflect.Slice:
				types[name] = series.Float
			default:
				types[name] = series.Int
			}
		}
	}
	return dataframe.LoadRecords(Lines(rows), dataframe.WithTypes(types))
}

// Lines returns the header and one line for each row. Floats have the fewest digits that represent them exactly.
func Lines[R any](rows []R) [][]string {
	of := fields[R]()
	lines := [][]string{columns[R]()}
	for _, r := range rows {
		v := reflect.ValueOf(r)
		line := make([]string, 0, len(lines[0]))
		for i := range of {
			line = appendCells(line, v.Field(i), len(of[i].names))
		}
		lines = append(lines, line)
	}
	return lines
}

// appendCells appends the cells of a field with n columns.
func appendCells(line []string, f reflect.Value, n int) []string {
	switch f.Kind() {
	case reflect.Float64:
		return append(line, digits(f.Float()))
	case reflect.Slice:
		for i := range n {
			x := 0.0
			if !f.IsNil() {
				x = f.Index(i).Float()
			}
			line = append(line, digits(x))
		}
		return line
	}
	return append(line, fmt.Sprint(f.Interface()))
}

func digits(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// Table holds rows of one type and the path of their CSV file.
type Table struct {
	Path    string
	columns []string
	write   func(io.Writer) error
}

// New returns a table of rows, to be stored at path.
func New[R any](path string, rows []R) Table {
	return Table{path, columns[R](), func(w io.Writer) error {
		df := dataframe.LoadRecords(Lines(rows), dataframe.DetectTypes(false), dataframe.DefaultType(series.String))
		if df.Err != nil {
			return df.Err
		}
		return df.WriteCSV(w)
	}}
}

// Check returns an error if the file at Path exists and is not a table of the same columns, because Write does not replace such
// a file. An empty file is valid.
func (t Table) Check() error {
	info, err := os.Stat(t.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: is not a regular file", t.Path)
	}
	want := strings.Join(t.columns, ",") + "\n"
	head := make([]byte, min(int64(len(want)), info.Size()))
	f, err := os.Open(t.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := io.ReadFull(f, head); err != nil {
		return fmt.Errorf("%s: %w", t.Path, err)
	}
	if len(head) > 0 && string(head) != want {
		return fmt.Errorf("%s: exists and is not a table of the columns %s … that this program writes, so it is not replaced: move it or choose another folder",
			t.Path, strings.Join(t.columns[:min(3, len(t.columns))], ", "))
	}
	return nil
}

// Write stores all of the tables as CSV files or, after an error, none of them. It replaces tables of the same columns and no
// other files.
func Write(tables ...Table) error {
	files := make([]atomicfile.File, len(tables))
	for i, t := range tables {
		if err := t.Check(); err != nil {
			return err
		}
		files[i] = atomicfile.File{Path: t.Path, Write: t.write}
	}
	return atomicfile.WriteAll(files...)
}

// WriteRows stores one table.
func WriteRows[R any](path string, rows []R) error { return Write(New(path, rows)) }

// ReadRows reads the rows of a file that Write or WriteRows wrote.
func ReadRows[R any](path string) ([]R, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // opening a pipe blocks
		return nil, fmt.Errorf("%s: is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	df := dataframe.ReadCSV(f, dataframe.DetectTypes(false), dataframe.DefaultType(series.String), dataframe.NaNValues(nil))
	if df.Err != nil {
		return nil, fmt.Errorf("%s: %w", path, df.Err)
	}
	rows, err := Parse[R](df.Records())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return rows, nil
}

// ErrColumns is the error of a file whose columns are not those of the type of its rows.
var ErrColumns = errors.New("other columns")

// Parse returns the rows of lines of CSV. The first line holds the names of the columns.
func Parse[R any](lines [][]string) ([]R, error) {
	if len(lines) == 0 {
		return nil, errors.New("no line that names the columns")
	}
	if want := columns[R](); !slices.Equal(lines[0], want) {
		return nil, fmt.Errorf("%w: %v; this program reads %v", ErrColumns, lines[0], want)
	}
	of := fields[R]()
	rows := make([]R, len(lines)-1)
	for i, line := range lines[1:] {
		if err := parseRow(reflect.ValueOf(&rows[i]).Elem(), of, line); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
	}
	return rows, nil
}

func parseRow(row reflect.Value, of []field, line []string) error {
	for i, f := range of {
		to := row.Field(i)
		if f.kind == reflect.Slice {
			to.Set(reflect.MakeSlice(to.Type(), len(f.names), len(f.names)))
		}
		for j, name := range f.names {
			cell := to
			if f.kind == reflect.Slice {
				cell = to.Index(j)
			}
			if err := parseCell(cell, line[j]); err != nil {
				return fmt.Errorf("column %s: %w", name, err)
			}
		}
		line = line[len(f.names):]
	}
	return nil
}

func parseCell(to reflect.Value, text string) (err error) {
	switch to.Kind() {
	case reflect.String:
		to.SetString(text)
	case reflect.Float64:
		var x float64
		x, err = strconv.ParseFloat(text, 64)
		to.SetFloat(x)
	case reflect.Uint64:
		var x uint64
		x, err = strconv.ParseUint(text, 10, 64)
		to.SetUint(x)
	default:
		var x int64
		x, err = strconv.ParseInt(text, 10, 64)
		to.SetInt(x)
	}
	return err
}
