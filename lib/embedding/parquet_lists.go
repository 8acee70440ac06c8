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

// readLists reads the rows of the chunk.
func (c columnChunk) readLists(m *listRows) error {
	column, err := c.columnReader()
	if err != nil {
		return err
	}
	defer column.Close()
	rows := m.rows
	switch r := column.(type) {
	case *file.Float32ColumnChunkReader:
		err = readBatches(c, r, m, withinStatistics[float32](c, m))
	case *file.Float64ColumnChunkReader:
		err = readBatches(c, r, m, withinStatistics[float64](c, m))
	case *file.Int32ColumnChunkReader:
		err = readBatches(c, r, m, int32s(c, m))
	case *file.Int64ColumnChunkReader:
		err = readBatches(c, r, m, int64s(c, m))
	case *file.FixedLenByteArrayColumnChunkReader:
		err = readBatches(c, r, m, m.addFloat16s)
	default:
		err = fmt.Errorf("is of type %s", column.Type())
	}
	if err != nil {
		return err
	}
	if err := m.endRow(); err != nil {
		return err
	}
	if got := int64(m.rows - rows); got != c.rows {
		return fmt.Errorf("holds %d rows, the file announces %d", got, c.rows)
	}
	return nil
}

// readBatches decodes a chunk and passes its values to add. No value may be missing.
func readBatches[T any](c columnChunk, r batchReader[T], m *listRows, add func([]T) error) error {
	values := make([]T, valueBatch)
	definitions, repetitions := make([]int16, valueBatch), make([]int16, valueBatch)
	var total int64
	for {
		levels, read, err := r.ReadBatch(valueBatch, values, definitions, repetitions)
		if err == nil {
			err = r.Err()
		}
		if err != nil {
			return fmt.Errorf("row %d or after, %s: %w", max(0, m.rows-1), c.Compression(), err)
		}
		if levels == 0 {
			break
		}
		if err := m.addLevels(definitions[:levels], repetitions[:levels]); err != nil {
			return err
		}
		if int64(read) != levels {
			return fmt.Errorf("row %d or after: damaged: %d values where %d are announced", max(0, m.rows-1), read, levels)
		}
		if err := add(values[:read]); err != nil {
			return err
		}
		total += levels
	}
	if total != c.NumValues() {
		return fmt.Errorf("holds %d values, the file announces %d", total, c.NumValues())
	}
	return nil
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
		case m.rows == 0:
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
	if m.rows == 1 {
		m.d = m.length
	}
	if m.length != m.d {
		return fmt.Errorf("row %d has %d dimensions, the rows before it %d", m.rows-1, m.length, m.d)
	}
	m.length = 0
	return nil
}
