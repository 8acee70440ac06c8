package embedding

import (
	"errors"
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"
)

// OpenStrings reads the words that name the rows of a matrix kept beside them: FILE.parquet[:column], a column of
// strings without nulls; it need not be named where it is the only one.
func OpenStrings(path string) ([]string, error) {
	file, member := splitMember(path)
	s, err := openSource(file, member, io.Discard)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	names, err := readStrings(s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return names, nil
}

func readStrings(s source) (names []string, err error) {
	defer guard(&err)
	if err := checkFooter(s); err != nil {
		return nil, err
	}
	file, err := parquet.OpenFile(s, s.size)
	if err != nil {
		return nil, fmt.Errorf("not a Parquet file: %w", err)
	}
	leaf, err := stringColumn(file, s.member)
	if err != nil {
		return nil, err
	}
	read := strs{present: leaf.MaxDefinitionLevel()}
	for _, group := range file.RowGroups() {
		if err := readChunk(group.ColumnChunks()[leaf.Index()], &read); err != nil {
			return nil, err
		}
	}
	if int64(len(read.names)) != file.NumRows() {
		return nil, fmt.Errorf("column %s holds %d rows, the file announces %d", name(leaf), len(read.names), file.NumRows())
	}
	return read.names, nil
}

// stringColumn finds the column of strings of that name, or the only one there is.
func stringColumn(file *parquet.File, want string) (*parquet.Column, error) {
	var found []*parquet.Column
	for _, leaf := range leaves(file.Root()) {
		if leaf.MaxRepetitionLevel() == 0 && leaf.Type().Kind() == parquet.ByteArray && (want == "" || name(leaf) == want) {
			found = append(found, leaf)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case want != "":
		return nil, fmt.Errorf("has no column %q of strings", want)
	case len(found) == 0:
		return nil, errors.New("has no column of strings")
	}
	return nil, fmt.Errorf("has %d columns of strings: name one, FILE.parquet:COLUMN", len(found))
}

// strs gathers strings; one that is there has the column's highest definition level.
type strs struct {
	present int
	names   []string
}

func (s *strs) row() int { return len(s.names) }

func (s *strs) add(v parquet.Value) error {
	if v.DefinitionLevel() < s.present {
		return fmt.Errorf("row %d is a null", s.row())
	}
	s.names = append(s.names, string(v.ByteArray()))
	return nil
}
