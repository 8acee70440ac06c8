package embedding

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"anncapacity/lib/ann"
)

// convertNPY is advice on how to write a supported file with NumPy.
const convertNPY = "numpy.save('FILE.npy', x.astype('float32')) writes what is read"

// npyHeader is the description of an array in a .npy file (NEP 1, "A simple file format for NumPy arrays").
type npyHeader struct {
	scalar  scalar
	order   binary.ByteOrder
	fortran bool // column-major order
	n, d    int64
	size    int64 // number of bytes before the data
}

// readNPY reads the files that numpy.load reads: versions 1.0, 2.0 and 3.0, both byte orders and both memory orders.
func readNPY(s source) (ann.Coordinates, error) {
	h, err := readNPYHeader(s)
	if err != nil {
		return ann.Coordinates{}, err
	}
	if err := h.checkSize(s); err != nil {
		return ann.Coordinates{}, err
	}
	n, d := int(h.n), int(h.d)
	numbers := h.scalar.numbers(s.keep, n*d)
	if err := h.scalar.read(s, &numbers, n*d, h.order); err != nil {
		return ann.Coordinates{}, err
	}
	if h.fortran {
		numbers.data, numbers.bytes = transposed(numbers.data, d), transposed(numbers.bytes, d)
	}
	return numbers.coordinates(s, h.scalar.name, n, d)
}

// checkSize compares the size of the file with the shape. It notes bytes after the data, which numpy.load ignores too.
func (h npyHeader) checkSize(s source) error {
	have := s.size - h.size
	// A division cannot overflow, unlike the product of a huge shape.
	if h.n > have/h.scalar.size/h.d {
		announced := big.NewInt(h.n)
		announced.Mul(announced, big.NewInt(h.d)).Mul(announced, big.NewInt(h.scalar.size))
		return fmt.Errorf("holds %d bytes of data; its header announces %d × %d numbers of type %s, %d bytes (truncated, or not finished)",
			have, h.n, h.d, h.scalar.name, announced)
	}
	if rest := have - h.n*h.d*h.scalar.size; rest > 0 {
		s.note("%d bytes after the data are not read", rest)
	}
	return nil
}

// transposed returns a column-major matrix with d columns in row-major order. It proceeds in blocks that fit into the
// cache.
func transposed[T any](columns []T, d int) []T {
	const side = 64
	n := len(columns) / d
	rows := make([]T, len(columns))
	for top := 0; top < n; top += side {
		bottom := min(top+side, n)
		for j := range d {
			for i, x := range columns[j*n+top : j*n+bottom] {
				rows[(top+i)*d+j] = x
			}
		}
	}
	return rows
}

func readNPYHeader(r io.Reader) (h npyHeader, err error) {
	h, shape, err := readNPYFields(r)
	if err != nil {
		return h, err
	}
	h.n, h.d, err = matrixShape(shape)
	return h, err
}

// readNPYFields reads a header up to its shape, which it returns.
func readNPYFields(r io.Reader) (h npyHeader, shape value, err error) {
	text, version, err := readNPYText(r)
	if err != nil {
		return h, shape, err
	}
	fields, err := parseDict(text, version < 3)
	if err != nil {
		return h, shape, fmt.Errorf("damaged .npy header: %w: %.200q", err, text)
	}
	if keys := slices.Sorted(maps.Keys(fields)); !slices.Equal(keys, []string{"descr", "fortran_order", "shape"}) {
		return h, shape, fmt.Errorf("damaged .npy header: its keys are %q; descr, fortran_order and shape are expected", keys)
	}
	h.size = int64(len(npyMagic) + 2 + lengthBytes(version) + len(text))
	var ok bool
	if h.fortran, ok = fields["fortran_order"].data.(bool); !ok {
		return h, shape, fmt.Errorf("damaged .npy header: fortran_order is %.200s, True or False is expected", fields["fortran_order"].text)
	}
	h.scalar, h.order, err = scalarOf(fields["descr"])
	return h, fields["shape"], err
}

const npyMagic = "\x93NUMPY"

// maxNPYHeader is the limit of NumPy.
const maxNPYHeader = 10000

// lengthBytes returns the size of the field that holds the length of the header.
func lengthBytes(version byte) int {
	if version == 1 {
		return 2
	}
	return 4
}

// readNPYText returns the text of the header and the version of the format.
func readNPYText(r io.Reader) (text string, version byte, err error) {
	var head [len(npyMagic) + 2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil || string(head[:len(npyMagic)]) != npyMagic {
		return "", 0, errors.New("not a .npy file: it does not begin as one")
	}
	version = head[len(npyMagic)]
	if minor := head[len(head)-1]; version < 1 || version > 3 || minor != 0 {
		return "", 0, fmt.Errorf("has version %d.%d of the .npy format; 1.0, 2.0 and 3.0 are read", version, minor)
	}
	var length [4]byte
	if _, err := io.ReadFull(r, length[:lengthBytes(version)]); err != nil {
		return "", 0, errors.New("ends within its .npy header (truncated)")
	}
	size := binary.LittleEndian.Uint32(length[:])
	if size > maxNPYHeader {
		return "", 0, fmt.Errorf("announces a .npy header of %d bytes; at most %d are read", size, maxNPYHeader)
	}
	bytes := make([]byte, size)
	if _, err := io.ReadFull(r, bytes); err != nil {
		return "", 0, errors.New("ends within its .npy header (truncated)")
	}
	if version == 3 && !utf8.Valid(bytes) || slices.Contains(bytes, 0) {
		return "", 0, errors.New("damaged .npy header: it is not text")
	}
	return string(bytes), version, nil
}

// matrixShape returns both sides of a shape such as (300, 8).
func matrixShape(shape value) (n, d int64, err error) {
	sides, ok := shape.data.(tuple)
	for _, side := range sides {
		length, isInt := side.data.(int64)
		ok = ok && isInt && length >= 0
	}
	if !ok {
		return 0, 0, fmt.Errorf("damaged .npy header: the shape is %.200s, a tuple of sizes is expected", shape.text)
	}
	text := strings.Join(strings.Fields(shape.text), " ")
	if len(sides) != 2 {
		return 0, 0, fmt.Errorf("has shape %.200s; n × d, one vector per row, is expected: x.reshape(n, d) gives an array this shape", text)
	}
	if n, d = sides[0].data.(int64), sides[1].data.(int64); n == 0 || d == 0 {
		return 0, 0, fmt.Errorf("has shape %s: it holds no numbers", text)
	}
	return n, d, nil
}
