package embedding

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"slices"
	"strings"
)

// MatrixExtensions are the extensions of the files that OpenMatrix reads.
var MatrixExtensions = []string{".npy", ".fbin", ".u8bin", ".i8bin", ".parquet", ".pq"}

// Matrix describes n × d numbers in a file or object whose rows are read in ranges. It holds no numbers.
type Matrix struct {
	name   string
	size   int64
	n, d   int
	format string
	kind   string
	column string
	flat   flat   // for formats other than Parquet
	groups []int  // for Parquet: the first row of each row group, and the number of rows
	member string // for Parquet: the column as it was requested
}

// Len returns the number of rows.
func (m *Matrix) Len() int { return m.n }

// Dim returns the number of numbers in a row.
func (m *Matrix) Dim() int { return m.d }

// Format returns the extension of the format: .npy, .fbin, .u8bin, .i8bin or .parquet.
func (m *Matrix) Format() string { return m.format }

// Kind returns NumPy's name of the type of the numbers, such as float32.
func (m *Matrix) Kind() string { return m.kind }

// Column returns the name of the column of a Parquet file, otherwise "".
func (m *Matrix) Column() string { return m.column }

// OpenMatrix reads the description of a matrix from r, which holds size bytes. The extension of the name determines the format:
// .npy in C order, .fbin, .u8bin, .i8bin, or .parquet and .pq, of which member names the column unless it is "". Open reads the
// same formats. Errors do not contain the name.
func OpenMatrix(name string, r io.ReaderAt, size int64, member string) (*Matrix, error) {
	f, ok := formatOf(name)
	extension := strings.ToLower(path.Ext(name))
	switch {
	case !ok || !slices.Contains(MatrixExtensions, extension):
		return nil, fmt.Errorf("is not read in ranges of rows: the formats are %s", strings.Join(MatrixExtensions, ", "))
	case member != "" && !f.hasMembers:
		return nil, fmt.Errorf("holds one matrix, there is no %q to choose", member)
	}
	s := sourceOf(name, r, size, member)
	if err := s.checkContent(f.extensions); err != nil {
		return nil, err
	}
	m := &Matrix{name: name, size: size, format: f.extensions[0], member: member}
	var err error
	switch extension {
	case ".npy":
		err = m.openNPY(s)
	case ".fbin":
		err = m.openBin(s, "f4")
	case ".u8bin":
		err = m.openBin(s, "u1")
	case ".i8bin":
		err = m.openBin(s, "i1")
	default:
		err = m.openParquet(s)
	}
	return m, err
}

// flat is the layout of rows of one size after a header.
type flat struct {
	scalar scalar
	order  binary.ByteOrder
	start  int64
}

func (m *Matrix) openNPY(s source) error {
	h, err := readNPYHeader(s)
	if err == nil {
		err = h.checkSize(s)
	}
	switch {
	case err != nil:
		return err
	case h.fortran && h.n > 1 && h.d > 1:
		return errors.New("is in Fortran order, of which no range of rows can be read: " +
			"numpy.save('FILE.npy', numpy.ascontiguousarray(x)) writes C order")
	}
	return m.setFlat(h.n, h.d, flat{h.scalar, h.order, h.size})
}

func (m *Matrix) openBin(s source, code string) error {
	t := scalars[code]
	n, d, err := readBinHeader(s)
	if err == nil {
		err = checkBinSize(s, t, n, d)
	}
	if err != nil {
		return err
	}
	return m.setFlat(n, d, flat{t, binary.LittleEndian, binHeader})
}

func (m *Matrix) setFlat(n, d int64, f flat) error {
	if n > math.MaxInt32 || d > maxDimension {
		return fmt.Errorf("announces %d × %d numbers: at most %d rows and %d columns are read", n, d, math.MaxInt32, maxDimension)
	}
	m.n, m.d, m.kind, m.flat = int(n), int(d), f.scalar.name, f
	return nil
}

// Cursor reads the rows of a matrix one after another.
type Cursor struct {
	m      *Matrix
	r      io.ReaderAt
	row    int // that is read next
	lists  *listCursor
	broken error
}

// From returns a cursor at the given row. r must hold the bytes that the matrix was opened with. From row groups of Parquet that
// are long, it decodes all rows before the given one.
func (m *Matrix) From(r io.ReaderAt, row int) *Cursor {
	c := &Cursor{m: m, r: r, row: row}
	if m.groups != nil {
		c.lists = &listCursor{m: m}
	}
	return c
}

// Row returns the row that is read next.
func (c *Cursor) Row() int { return c.row }

// To sets the row that is read next. Within a row group of Parquet, a later row is reached by decoding those before it.
func (c *Cursor) To(row int) {
	if c.row = row; c.lists != nil {
		c.lists.to(row)
	}
}

// Next reads len(into) / d rows into the slice. A number that is not finite in float32 is an error that names the row. After an
// error the cursor cannot be used.
func (c *Cursor) Next(into []float32) error {
	rows := len(into) / c.m.d
	switch {
	case c.broken != nil:
		return c.broken
	case rows*c.m.d != len(into) || c.row < 0 || c.row+rows > c.m.n:
		return fmt.Errorf("rows %d to %d of %d, in %d numbers of %d dimensions", c.row, c.row+rows, c.m.n, len(into), c.m.d)
	}
	if c.lists != nil {
		c.broken = c.lists.read(c.r, c.row, into)
	} else {
		c.broken = c.m.readFlat(c.r, c.row, into)
	}
	if c.broken == nil {
		c.broken = checkRows(c.row, c.m.d, into)
	}
	c.row += rows
	return c.broken
}

// flatBlock is the number of bytes that are read at a time.
const flatBlock = 8 << 20

// readFlat reads rows from the given one on.
func (m *Matrix) readFlat(r io.ReaderAt, row int, into []float32) error {
	t := m.flat.scalar
	at, left := m.flat.start+int64(row)*int64(m.d)*t.size, int64(len(into))*t.size
	block := make([]byte, min(left, flatBlock))
	for to := into; left > 0; left -= int64(len(block)) {
		block = block[:min(left, int64(len(block)))]
		if n, err := r.ReadAt(block, at); n < len(block) {
			return fmt.Errorf("reading rows %d to %d: %w", row, row+len(into)/m.d, err)
		}
		held := numbers{data: to[: 0 : len(block)/int(t.size)]}
		t.decode(&held, block, m.flat.order)
		at, to = at+int64(len(block)), to[len(held.data):]
	}
	return nil
}

// checkRows returns an error for the first row, of d numbers, that is not finite. first is the number of the first row.
func checkRows(first, d int, data []float32) error {
	for i, x := range data {
		if x-x != 0 {
			return fmt.Errorf("row %d, column %d is %g; embeddings are finite numbers of float32", first+i/d, i%d, x)
		}
	}
	return nil
}
