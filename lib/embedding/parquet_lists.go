package embedding

import (
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/parquet/file"
)

// listRows collects rows. A value with repetition level 0 begins a row, and a value that is not null has the highest
// definition level of the column.
type listRows struct {
	numbers
	present int16
	begun   int // number of rows at the beginning of the chunk
	rows, d int
	length  int // length of the current row so far
}

// valueBatch is the number of values decoded at a time.
const valueBatch = 8192

// batchReader reads the values of a chunk of one physical type.
type batchReader[T any] interface {
	ReadBatch(size int64, values []T, definitions, repetitions []int16) (levels int64, read int, err error)
	Err() error
}

// columnReader returns the library's reader of the chunk.
func (c columnChunk) columnReader() (file.ColumnChunkReader, error) {
	return c.file.RowGroup(c.group).Column(c.column.index)
}

// openChunk is a chunk whose values are decoded in batches.
type openChunk struct {
	columnChunk
	column file.ColumnChunkReader
	m      *listRows
	before int                  // number of rows in m at the beginning
	next   func() (bool, error) // appends a batch to m and reports whether there was one
}

// open begins to read the rows of the chunk into m.
func (c columnChunk) open(m *listRows) (o openChunk, err error) {
	o = openChunk{columnChunk: c, m: m, before: m.rows}
	if o.column, err = c.columnReader(); err != nil {
		return o, err
	}
	m.begun = m.rows
	switch r := o.column.(type) {
	case *file.Float32ColumnChunkReader:
		o.next = batches(c, r, m, withinStatistics[float32](c, m))
	case *file.Float64ColumnChunkReader:
		o.next = batches(c, r, m, withinStatistics[float64](c, m))
	case *file.Int32ColumnChunkReader:
		o.next = batches(c, r, m, int32s(c, m))
	case *file.Int64ColumnChunkReader:
		o.next = batches(c, r, m, int64s(c, m))
	case *file.FixedLenByteArrayColumnChunkReader:
		o.next = batches(c, r, m, m.addFloat16s)
	default:
		err = fmt.Errorf("is of type %s", o.column.Type())
		o.column.Close()
	}
	return o, err
}

// end checks the rows after the last batch.
func (o openChunk) end() error {
	if err := o.m.endRow(); err != nil {
		return err
	}
	if got := int64(o.m.rows - o.before); got != o.rows {
		return fmt.Errorf("holds %d rows, the file announces %d", got, o.rows)
	}
	return nil
}

// readLists reads all rows of the chunk.
func (c columnChunk) readLists(m *listRows) error {
	o, err := c.open(m)
	if err != nil {
		return err
	}
	defer o.column.Close()
	for more := true; more; {
		if more, err = o.next(); err != nil {
			return err
		}
	}
	return o.end()
}

// batches returns a function that decodes a batch, passes its values to add, and reports whether there was one. No value may be
// missing.
func batches[T any](c columnChunk, r batchReader[T], m *listRows, add func([]T) error) func() (bool, error) {
	values := make([]T, valueBatch)
	definitions, repetitions := make([]int16, valueBatch), make([]int16, valueBatch)
	var total int64
	return func() (bool, error) {
		levels, read, err := r.ReadBatch(valueBatch, values, definitions, repetitions)
		if err == nil {
			err = r.Err()
		}
		switch {
		case err != nil:
			return false, fmt.Errorf("row %d or after, %s: %w", max(0, m.rows-1), c.Compression(), err)
		case levels == 0 && total != c.NumValues():
			return false, fmt.Errorf("holds %d values, the file announces %d", total, c.NumValues())
		case levels == 0:
			return false, nil
		}
		if err := m.addLevels(definitions[:levels], repetitions[:levels]); err != nil {
			return false, err
		}
		if int64(read) != levels {
			return false, fmt.Errorf("row %d or after: damaged: %d values where %d are announced", max(0, m.rows-1), read, levels)
		}
		total += levels
		return true, add(values[:read])
	}
}

// addLevels counts rows and their lengths.
func (m *listRows) addLevels(definitions, repetitions []int16) error {
	for i, repetition := range repetitions {
		if repetition == 0 {
			if err := m.endRow(); err != nil {
				return err
			}
			m.rows++
		}
		switch {
		case m.rows == m.begun:
			return errors.New("damaged: the first row has no beginning")
		case definitions[i] != m.present:
			return fmt.Errorf("row %d is or holds a null, or is an empty list", m.rows-1)
		}
		m.length++
	}
	return nil
}

// endRow checks the length of the completed row, if there is one. The length of the first row is d.
func (m *listRows) endRow() error {
	if m.length == 0 {
		return nil
	}
	if m.d == 0 {
		m.d = m.length
	}
	if m.length != m.d {
		return fmt.Errorf("row %d has %d dimensions, the rows before it %d", m.rows-1, m.length, m.d)
	}
	m.length = 0
	return nil
}
