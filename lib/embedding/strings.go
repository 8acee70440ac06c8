package embedding

import (
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
)

// OpenStrings reads the names of the rows of a matrix from FILE.parquet[:column], a column of UTF-8 strings without
// nulls. The column need not be named if it is the only one.
func OpenStrings(path string) ([]string, error) {
	file, member := splitMember(path)
	s, err := openSource(file, member, io.Discard)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	names, err := readStrings(s)
	if err == nil {
		err = s.checkUnchanged()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return names, nil
}

func readStrings(s source) (names []string, err error) {
	defer guardParquet(&err)
	f, err := openParquet(s)
	if err != nil {
		return nil, err
	}
	leaf, err := chooseColumn(leafColumns(f.MetaData().Schema), s.member, wantStrings)
	if err != nil {
		return nil, err
	}
	chunks, err := f.chunks(leaf)
	if err != nil {
		return nil, err
	}
	read := nameList{present: f.MetaData().Schema.Column(leaf.index).MaxDefinitionLevel(), known: map[string]string{}}
	for _, c := range chunks {
		if err := c.readNames(&read); err != nil {
			return nil, fmt.Errorf("column %s, row group %d: %w", leaf, c.group, err)
		}
	}
	return read.names, nil
}

// nameList collects strings. A string that is not null has the highest definition level of the column. Equal names share
// memory.
type nameList struct {
	present int16
	names   []string
	known   map[string]string
}

// nameBatch is the number of strings decoded at a time. It is small because strings in a delta encoding can be much
// longer than in the file.
const nameBatch = 64

// maxName is the maximum length of a name in bytes.
const maxName = 1 << 16

func (c columnChunk) readNames(into *nameList) error {
	column, err := c.columnReader()
	if err != nil {
		return err
	}
	defer column.Close()
	r, ok := column.(*file.ByteArrayColumnChunkReader)
	if !ok {
		return fmt.Errorf("is of type %s", column.Type())
	}
	values, definitions := make([]parquet.ByteArray, nameBatch), make([]int16, nameBatch)
	before := len(into.names)
	for {
		levels, read, err := r.ReadBatch(nameBatch, values, definitions, nil)
		if err == nil {
			err = r.Err()
		}
		if err != nil {
			return fmt.Errorf("row %d or after, %s: %w", len(into.names), c.Compression(), err)
		}
		if levels == 0 {
			break
		}
		if err := into.add(values[:read], definitions[:levels]); err != nil {
			return err
		}
	}
	if got := int64(len(into.names) - before); got != c.rows {
		return fmt.Errorf("holds %d rows, the file announces %d", got, c.rows)
	}
	return nil
}

func (l *nameList) add(values []parquet.ByteArray, definitions []int16) error {
	for i, definition := range definitions {
		row := len(l.names)
		switch {
		case l.present > 0 && definition != l.present:
			return fmt.Errorf("row %d is a null", row)
		case i >= len(values):
			return fmt.Errorf("row %d: damaged: its string is missing", row)
		case len(values[i]) > maxName:
			return fmt.Errorf("row %d is a string of %d bytes; a name has at most %d", row, len(values[i]), maxName)
		case !utf8.Valid(values[i]):
			return fmt.Errorf("row %d is not text in UTF-8", row)
		}
		name, ok := l.known[string(values[i])]
		if !ok {
			name = string(values[i])
			l.known[name] = name
		}
		l.names = append(l.names, name)
	}
	return nil
}
