package embedding

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"

	"anncapacity/lib/ann"
)

// readParquet reads a column of lists of numbers, one list per row, all of the same length. It checks the footer before
// the library parses it (parquet_footer.go), selects a column (parquet_schema.go) and checks the headers of its pages
// (parquet_pages.go, parquet_codec.go, parquet_delta.go). The library decodes the pages; rows are assembled from their
// values (parquet_lists.go), and each chunk is compared with its statistics (parquet_numbers.go).
func readParquet(s source) (v ann.Coordinates, err error) {
	defer guardParquet(&err)
	f, leaf, err := openColumn(s)
	if err != nil {
		return v, err
	}
	var m listRows
	if err := f.readColumn(leaf, &m); err != nil {
		return v, err
	}
	return m.coordinates(s, leaf.kind, m.rows, m.d)
}

// readColumn reads all rows of a column.
func (f parquetFile) readColumn(of leafColumn, m *listRows) error {
	chunks, err := f.chunks(of)
	if err != nil {
		return err
	}
	m.present = f.MetaData().Schema.Column(of.index).MaxDefinitionLevel()
	if m.data == nil {
		m.data = roomFor(f.plausible(chunks))
	}
	for _, c := range chunks {
		if err := c.readLists(m); err != nil {
			return fmt.Errorf("column %s, row group %d: %w", of, c.group, err)
		}
	}
	return nil
}

// openColumn reads the footer of a file and selects the column of vectors.
func openColumn(s source) (f parquetFile, of leafColumn, err error) {
	if f, err = openParquet(s); err != nil {
		return f, of, err
	}
	of, err = chooseColumn(leafColumns(f.MetaData().Schema), s.member, wantLists)
	return f, of, err
}

// guardParquet recovers from a panic of the library on a damaged file and sets err.
func guardParquet(err *error) {
	if p := recover(); p != nil {
		*err = errors.New("damaged: the decoder of a Parquet page or of the footer failed")
	}
}

// parquetFile is an open Parquet file whose footer is consistent.
type parquetFile struct {
	source
	*file.Reader
	dataEnd int64 // offset of the footer
	scratch *struct{ packed, plain reusedBytes }
}

func openParquet(s source) (f parquetFile, err error) {
	f.source, f.scratch = s, new(struct{ packed, plain reusedBytes })
	if f.dataEnd, err = checkFooter(s); err != nil {
		return f, err
	}
	properties := parquet.NewReaderProperties(memory.NewGoAllocator())
	properties.BufferedStreamEnabled = true // read page by page instead of whole chunks
	properties.BufferSize = 1 << 18
	// The sizes of pages are checked by checkPages.
	properties.MaxCompressedPageSize, properties.MaxUncompressedPageSize = math.MaxInt32, math.MaxInt32
	if f.Reader, err = file.NewParquetReader(s, file.WithReadProps(properties)); err != nil {
		return f, fmt.Errorf("damaged footer: %w", err)
	}
	var rows int64
	for _, group := range f.MetaData().RowGroups {
		if group.NumRows < 0 {
			return f, fmt.Errorf("damaged footer: a row group of %d rows", group.NumRows)
		}
		rows += group.NumRows
	}
	if rows != f.NumRows() {
		return f, fmt.Errorf("damaged footer: announces %d rows in all, and %d in its row groups", f.NumRows(), rows)
	}
	return f, nil
}

// columnChunk is the part of a column in one row group.
type columnChunk struct {
	*metadata.ColumnChunkMetaData
	file        parquetFile
	column      leafColumn
	group       int
	rows        int64
	start       int64 // offset of its first page
	width       int   // size of a number in bytes, 0 for strings
	repetitions bool  // whether its pages hold repetition levels
	definitions bool
}

// chunks returns the chunks of a column that are not empty, and checks their pages.
func (f parquetFile) chunks(of leafColumn) ([]columnChunk, error) {
	var all []columnChunk
	for g := range f.NumRowGroups() {
		c, err := f.chunk(of, g)
		if err == nil && c.rows > 0 {
			err = c.checkPages()
			all = append(all, c)
		}
		if err != nil {
			return nil, fmt.Errorf("column %s, row group %d: %w", of, g, err)
		}
	}
	return all, nil
}

func (f parquetFile) chunk(of leafColumn, g int) (columnChunk, error) {
	group := f.MetaData().RowGroup(g)
	column := f.MetaData().Schema.Column(of.index)
	c := columnChunk{file: f, column: of, group: g, rows: group.NumRows(), width: physicalWidth(column)}
	c.repetitions, c.definitions = column.MaxRepetitionLevel() > 0, column.MaxDefinitionLevel() > 0
	if group.NumColumns() != f.MetaData().Schema.NumColumns() {
		return c, fmt.Errorf("has %d columns, the file's schema %d", group.NumColumns(), f.MetaData().Schema.NumColumns())
	}
	if raw := f.MetaData().RowGroups[g].Columns[of.index]; raw.IsSetCryptoMetadata() {
		return c, errors.New("is encrypted; write the file without encryption")
	}
	var err error
	if c.ColumnChunkMetaData, err = group.ColumnChunk(of.index); err != nil {
		return c, err
	}
	switch {
	case c.FilePath() != "":
		return c, fmt.Errorf("is kept in another file, %s", c.FilePath())
	case c.Type() != column.PhysicalType() || !slices.Equal(c.PathInSchema(), column.ColumnPath()):
		return c, fmt.Errorf("damaged footer: describes %s (%s)", c.PathInSchema(), c.Type())
	}
	c.start = c.DataPageOffset()
	if d := c.DictionaryPageOffset(); c.HasDictionaryPage() && d > 0 && d < c.start {
		c.start = d
	}
	return c, nil
}

// physicalWidth returns the size in bytes of the physical values of a column, or 0 if they have no fixed size.
func physicalWidth(column interface {
	PhysicalType() parquet.Type
	TypeLength() int
}) int {
	switch column.PhysicalType() {
	case parquet.Types.Int32, parquet.Types.Float:
		return 4
	case parquet.Types.Int64, parquet.Types.Double:
		return 8
	case parquet.Types.FixedLenByteArray:
		return column.TypeLength()
	}
	return 0
}

// plausible returns the number of values to allocate: all that the chunks announce, unless a file of this size can hold
// so many only by repetition. The slice grows if more are decoded.
func (f parquetFile) plausible(chunks []columnChunk) int64 {
	var announced int64
	for _, c := range chunks {
		announced += c.NumValues()
	}
	return min(announced, 8*f.size+1<<16)
}
