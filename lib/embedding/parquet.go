package embedding

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"anncapacity/lib/ann"
)

// readParquet reads a column of lists of numbers, one list a row, all of one length.
func readParquet(s source) (v ann.Vectors, err error) {
	defer guard(&err)
	if err := checkFooter(s); err != nil {
		return v, err
	}
	file, err := parquet.OpenFile(s, s.size)
	if err != nil {
		return v, fmt.Errorf("not a Parquet file: %w", err)
	}
	leaf, err := listColumn(file, s.member)
	if err != nil {
		return v, err
	}
	lists := lists{present: leaf.MaxDefinitionLevel()}
	for _, group := range file.RowGroups() {
		if err := readChunk(group.ColumnChunks()[leaf.Index()], &lists); err != nil {
			return v, err
		}
	}
	if err := lists.endRow(); err != nil {
		return v, err
	}
	if int64(lists.rows) != file.NumRows() {
		return v, fmt.Errorf("column %s holds %d rows, the file announces %d", name(leaf), lists.rows, file.NumRows())
	}
	return ann.NewVectors(lists.rows, lists.d, lists.data)
}

// checkFooter looks at the end of the file, a uint32 length of the footer and "PAR1", before the library believes it.
func checkFooter(s source) error {
	var end [8]byte
	if _, err := s.ReadAt(end[:], max(0, s.size-8)); err != nil || string(end[4:]) != "PAR1" {
		return errors.New("not a Parquet file, or a truncated one: it does not end in PAR1")
	}
	if length := int64(binary.LittleEndian.Uint32(end[:])); length > s.size-12 {
		return fmt.Errorf("announces a footer of %d bytes in a file of %d", length, s.size)
	}
	return nil
}

// name is the column as its writer called it: list.element and the like are how Parquet nests.
func name(leaf *parquet.Column) string { return leaf.Path()[0] }

// listColumn finds the column of lists of float32 or float64 of that name, or the only one there is.
func listColumn(file *parquet.File, want string) (*parquet.Column, error) {
	var found []*parquet.Column
	var names []string
	for _, leaf := range leaves(file.Root()) {
		kind := leaf.Type().Kind()
		if leaf.MaxRepetitionLevel() == 1 && (kind == parquet.Float || kind == parquet.Double) && (want == "" || name(leaf) == want) {
			found = append(found, leaf)
		}
		names = append(names, strings.Join(leaf.Path(), ".")+" ("+leaf.Type().String()+")")
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0 && want == "":
		return nil, fmt.Errorf("has no column of lists of float32 or float64, only %s", strings.Join(names, ", "))
	case len(found) == 0:
		return nil, fmt.Errorf("has no column %q of lists of float32 or float64, only %s", want, strings.Join(names, ", "))
	}
	choices := make([]string, len(found))
	for i, leaf := range found {
		choices[i] = name(leaf)
	}
	return nil, fmt.Errorf("has %d columns of lists of numbers: name one, FILE.parquet:%s", len(found), strings.Join(slices.Compact(choices), " or :"))
}

func leaves(c *parquet.Column) []*parquet.Column {
	if c.Leaf() {
		return []*parquet.Column{c}
	}
	var all []*parquet.Column
	for _, child := range c.Columns() {
		all = append(all, leaves(child)...)
	}
	return all
}

// lists gathers rows: a value with repetition level 0 begins one, and a value that is there has the column's highest
// definition level.
type lists struct {
	present int
	data    []float32
	rows, d int
}

func (l *lists) row() int { return max(0, l.rows-1) }

// column gathers the values of a column.
type column interface {
	add(parquet.Value) error
	row() int // where it is, for errors
}

func readChunk(chunk parquet.ColumnChunk, into column) error {
	pages := chunk.Pages()
	defer pages.Close()
	buf := make([]parquet.Value, 4096)
	for {
		page, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("row %d or after: %w", into.row(), err)
		}
		err = readPage(page, buf, into)
		parquet.Release(page)
		if err != nil {
			return err
		}
	}
}

func readPage(page parquet.Page, buf []parquet.Value, into column) error {
	values := page.Values()
	for {
		n, err := values.ReadValues(buf)
		for _, v := range buf[:n] {
			if err := into.add(v); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("row %d: %w", into.row(), err)
		}
	}
}

func (l *lists) add(v parquet.Value) error {
	if v.RepetitionLevel() == 0 {
		if err := l.endRow(); err != nil {
			return err
		}
		l.rows++
	}
	switch {
	case l.rows == 0:
		return errors.New("the first row has no beginning")
	case v.DefinitionLevel() < l.present:
		return fmt.Errorf("row %d is or holds a null, or is an empty list", l.rows-1)
	case v.Kind() == parquet.Float:
		l.data = append(l.data, v.Float())
	default:
		l.data = append(l.data, float32(v.Double()))
	}
	return nil
}

// endRow checks the row that is complete, if there is one: the first row's length is d.
func (l *lists) endRow() error {
	if l.rows == 0 {
		return nil
	}
	if l.rows == 1 {
		l.d = len(l.data)
	}
	if length := len(l.data) - (l.rows-1)*l.d; length != l.d {
		return fmt.Errorf("row %d has %d dimensions, the rows before it %d", l.rows-1, length, l.d)
	}
	return nil
}
