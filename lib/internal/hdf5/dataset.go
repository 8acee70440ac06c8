package hdf5

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// Dataset is a data set in a file.
type Dataset struct {
	Path string
	Dims []uint64 // nil for a scalar or an empty (null) data set
	Type Type

	max      []uint64
	file     *File
	messages []message
}

// dataset reads the object header at an address. It returns nil if the object is not a data set.
func (f *File) dataset(path string, address uint64) (*Dataset, error) {
	messages, err := f.header(address)
	if err != nil {
		return nil, err
	}
	if _, ok, err := find(messages, messageLayout); !ok || err != nil {
		return nil, err
	}
	shape, hasShape, err1 := find(messages, messageDataspace)
	kind, hasKind, err2 := find(messages, messageDatatype)
	switch err := errors.Join(err1, err2); {
	case err != nil:
		return nil, err
	case !hasShape || !hasKind:
		return nil, errors.New("damaged: a data set without shape or type")
	case shape.flags&flagShared != 0:
		return nil, unsupportedf("a shared dataspace message")
	}
	s, err := f.dataspace(shape.body)
	if err != nil {
		return nil, err
	}
	d := &Dataset{Path: path, Dims: s.dims, max: s.max, file: f, messages: messages}
	d.Type, err = f.datatype(kind)
	return d, err
}

// String returns the path, the shape and the type.
func (d *Dataset) String() string { return fmt.Sprintf("%s (%s %s)", d.Path, d.shape(), d.Type.Name) }

func (d *Dataset) shape() string {
	switch len(d.Dims) {
	case 0:
		return "scalar or empty"
	case 1:
		return fmt.Sprintf("vector of %d", d.Dims[0])
	}
	var b strings.Builder
	for i, n := range d.Dims {
		if i > 0 {
			b.WriteString(" × ")
		}
		fmt.Fprint(&b, n)
	}
	return b.String()
}

// MaxUnwritten is the maximum number of elements that Read takes from the fill value. A small file can announce any
// number of unwritten elements.
const MaxUnwritten = 1 << 26

// Read calls visit with the elements of a two-dimensional data set of numbers. raw holds consecutive elements of one row
// in the byte order of the type and is valid only during the call. Each element is visited once. All elements of earlier
// rows are visited before a row, except that rows within the same band of chunks may interleave. Read returns the number
// of elements that were never written; they have the fill value.
func (d *Dataset) Read(visit func(row, column uint64, raw []byte) error) (unwritten uint64, err error) {
	if len(d.Dims) != 2 || d.Type.Kind == Other {
		return 0, fmt.Errorf("%s is no matrix of numbers", d)
	}
	if high, low := bits.Mul64(d.Dims[0], d.Dims[1]); high != 0 || low > 1<<56 {
		return 0, fmt.Errorf("damaged: announces %s numbers", d.shape())
	}
	if _, external, err := find(d.messages, messageExternal); external || err != nil {
		return 0, errors.Join(err, unsupportedf("its numbers are in another file (external storage)"))
	}
	l, err := d.file.layout(d.messages)
	if err != nil {
		return 0, err
	}
	r := reader{d, l, visit}
	switch l.class {
	case storedCompact:
		return 0, r.compact()
	case storedContiguous:
		return r.contiguous()
	}
	return r.chunked()
}

// reader holds the state of reading a data set.
type reader struct {
	*Dataset
	layout
	visit func(row, column uint64, raw []byte) error
}

// rowBytes returns the size of one row of the data set, and bytes the size of all rows.
func (r reader) rowBytes() uint64 { return r.Dims[1] * uint64(r.Type.Size) }
func (r reader) bytes() uint64    { return r.Dims[0] * r.rowBytes() }

func (r reader) compact() error {
	if uint64(len(r.layout.compact)) != r.bytes() {
		return fmt.Errorf("damaged: its header holds %d bytes of numbers, %d are expected", len(r.layout.compact), r.bytes())
	}
	return r.rows(0, r.layout.compact)
}

// rows visits the whole rows in b, of which first is the number of the first row.
func (r reader) rows(first uint64, b []byte) error {
	for size := r.rowBytes(); len(b) > 0; b = b[size:] {
		if err := r.visit(first, 0, b[:size]); err != nil {
			return err
		}
		first++
	}
	return nil
}

// readAhead is the minimum number of bytes of contiguous storage read at a time.
const readAhead = 1 << 20

func (r reader) contiguous() (unwritten uint64, err error) {
	if r.file.undefined(r.address) {
		return r.Dims[0] * r.Dims[1], r.filled()
	}
	if r.layout.size < r.bytes() {
		return 0, fmt.Errorf("damaged: %d bytes are stored for %s numbers of %d bytes", r.layout.size, r.shape(), r.Type.Size)
	}
	if r.address > r.file.size || r.bytes() > r.file.size-r.address {
		return 0, fmt.Errorf("announces %s numbers of %d bytes, more than the file holds (truncated)", r.shape(), r.Type.Size)
	}
	step := 1 + readAhead/max(1, r.rowBytes())
	for row := uint64(0); row < r.Dims[0]; row += step {
		n := min(step, r.Dims[0]-row) * r.rowBytes()
		c, err := r.file.block("rows", r.address+row*r.rowBytes(), n)
		if err != nil {
			return 0, err
		}
		if err := r.rows(row, c.all); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// filled visits a data set that was never written.
func (r reader) filled() error {
	area := area{rows: r.Dims[0], columns: r.Dims[1]}
	if err := r.checkUnwritten(area.rows * area.columns); err != nil {
		return err
	}
	return r.fill(area)
}

func (r reader) checkUnwritten(n uint64) error {
	if n > MaxUnwritten {
		return fmt.Errorf("%d of %d numbers were never written; at most %d are read as the fill value", n, r.Dims[0]*r.Dims[1], MaxUnwritten)
	}
	return nil
}

// area is a rectangle of a matrix.
type area struct{ row, column, rows, columns uint64 }

// fill visits an area that was never written.
func (r reader) fill(a area) error {
	v, err := r.file.fillValue(r.messages)
	if err != nil {
		return err
	}
	element, err := v.element(r.Type.Size)
	if err != nil {
		return err
	}
	line := make([]byte, 0, a.columns*uint64(len(element)))
	for range a.columns {
		line = append(line, element...)
	}
	for row := range a.rows {
		if err := r.visit(a.row+row, a.column, line); err != nil {
			return err
		}
	}
	return nil
}
