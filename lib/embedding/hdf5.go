package embedding

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/gomlx/compute/dtypes/float16"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/hdf5"
)

// readHDF5 reads an n × d data set of numbers. The error for an unsupported feature includes advice.
func readHDF5(s source) (ann.Coordinates, error) {
	c, err := readDataset(s)
	if errors.Is(err, errors.ErrUnsupported) {
		err = fmt.Errorf("%w; %s", err, convertHDF5)
	}
	return c, err
}

const convertHDF5 = "h5py (for some filters with hdf5plugin) can convert it: " +
	"numpy.save('FILE.npy', h5py.File('FILE.hdf5')['train'][:].astype('float32'))"

func readDataset(s source) (c ann.Coordinates, err error) {
	file, err := hdf5.Open(s, s.size)
	if err != nil {
		return c, err
	}
	set, err := chooseDataset(file, s.member)
	if err != nil {
		return c, err
	}
	m, err := newMatrix(set)
	if err != nil {
		return c, err
	}
	m.reserve(s.size)
	unwritten, err := set.Read(m.put)
	if err != nil {
		return c, err
	}
	if unwritten > 0 {
		s.note("%d of %d values were never written and are read as the file's fill value", unwritten, m.n*m.d)
	}
	return m.values.coordinates(s, set.Type.Name, int(m.n), int(m.d))
}

// chooseDataset returns the data set at the path member; the default is trainSet.
func chooseDataset(file *hdf5.File, member string) (*hdf5.Dataset, error) {
	if member == "" {
		member = trainSet
	}
	set, err := file.Dataset(member)
	if errors.Is(err, hdf5.ErrNotFound) {
		return nil, fmt.Errorf("has no data set %q (%w); %s", member, err, datasetsOf(file))
	}
	return set, err
}

// maxListed is the maximum number of data sets that an error lists.
const maxListed = 20

// datasetsOf returns a list of the data sets of a file with their shapes and types.
func datasetsOf(file *hdf5.File) string {
	sets, unreadable := file.Datasets()
	var all []string
	for _, set := range sets {
		all = append(all, set.String())
	}
	for _, err := range unreadable {
		all = append(all, err.Error())
	}
	switch more := len(all) - maxListed; {
	case len(all) == 0:
		return "it has no data sets"
	case more > 0:
		return fmt.Sprintf("it has %s, and %d more", strings.Join(all[:maxListed], ", "), more)
	}
	return "it has " + strings.Join(all, ", ")
}

// matrix collects the n × d numbers of a data set.
type matrix struct {
	n, d   uint64
	values numbers // the matrix, up to the last row that was read
	decode func(to *numbers, raw []byte)
}

func newMatrix(set *hdf5.Dataset) (*matrix, error) {
	if len(set.Dims) != 2 || set.Type.Kind == hdf5.Other {
		return nil, fmt.Errorf("an n × d data set of numbers is expected, not %s; %s", set, convertHDF5)
	}
	m := &matrix{n: set.Dims[0], d: set.Dims[1], decode: numberDecoder(set.Type)}
	if m.n < 1 || m.n > math.MaxInt32 || m.d < 1 || m.d > maxDimension {
		return nil, fmt.Errorf("data set %s: at least one row, and 1 to %d columns are expected", set, maxDimension)
	}
	return m, nil
}

// commonRatio is a compression ratio that files of embeddings rarely exceed.
const commonRatio = 16

// reserve allocates the matrix if the file can contain it at a common compression ratio. A larger matrix grows while it
// is read, so that a header alone cannot cause a large allocation.
func (m *matrix) reserve(fileSize int64) {
	m.values.data = roomFor(min(m.n*m.d, commonRatio*uint64(fileSize)))
}

// put converts consecutive numbers of a row. Rows, or bands of rows, must be put in ascending order.
func (m *matrix) put(row, column uint64, raw []byte) error {
	end := (row + 1) * m.d
	if have := uint64(len(m.values.data)); have < end {
		if have = uint64(cap(m.values.data)); have < end {
			grown := make([]float32, len(m.values.data), max(end, min(2*have, m.n*m.d)))
			copy(grown, m.values.data)
			m.values.data = grown
		}
		m.values.data = m.values.data[:end]
	}
	at := row*m.d + column
	part := numbers{data: m.values.data[at:at:end]} // appending to it writes into the matrix
	m.decode(&part, raw)
	m.values.inexact += part.inexact
	return nil
}

// numberDecoder returns a function that decodes numbers of type t and appends them.
func numberDecoder(t hdf5.Type) func(to *numbers, raw []byte) {
	order := t.Order
	switch (hdf5.Type{Kind: t.Kind, Size: t.Size}) {
	case hdf5.Type{Kind: hdf5.Float, Size: 2}:
		return decodeEach(2, func(b []byte) float32 { return float16.FromBits(order.Uint16(b)).Float32() })
	case hdf5.Type{Kind: hdf5.Float, Size: 4}:
		if order == binary.LittleEndian {
			return appendFloat32s
		}
		return decodeEach(4, func(b []byte) float32 { return math.Float32frombits(order.Uint32(b)) })
	case hdf5.Type{Kind: hdf5.Float, Size: 8}:
		return decodeEach(8, func(b []byte) float64 { return math.Float64frombits(order.Uint64(b)) })
	case hdf5.Type{Kind: hdf5.Int, Size: 1}:
		return decodeEach(1, func(b []byte) int8 { return int8(b[0]) })
	case hdf5.Type{Kind: hdf5.Int, Size: 2}:
		return decodeEach(2, func(b []byte) int16 { return int16(order.Uint16(b)) })
	case hdf5.Type{Kind: hdf5.Int, Size: 4}:
		return decodeEach(4, func(b []byte) int32 { return int32(order.Uint32(b)) })
	case hdf5.Type{Kind: hdf5.Int, Size: 8}:
		return decodeEach(8, func(b []byte) int64 { return int64(order.Uint64(b)) })
	}
	return unsignedDecoder(t.Size, order)
}

func unsignedDecoder(size int, order binary.ByteOrder) func(to *numbers, raw []byte) {
	switch size {
	case 1:
		return decodeEach(1, func(b []byte) uint8 { return b[0] })
	case 2:
		return decodeEach(2, order.Uint16)
	case 4:
		return decodeEach(4, order.Uint32)
	}
	return decodeEach(8, order.Uint64)
}

// decodeEach returns a decoder of numbers of size bytes, each decoded by next.
func decodeEach[T number](size int, next func([]byte) T) func(to *numbers, raw []byte) {
	var values []T
	return func(to *numbers, raw []byte) {
		values = values[:0]
		for ; len(raw) >= size; raw = raw[size:] {
			values = append(values, next(raw))
		}
		appendNumbers(to, values)
	}
}

// appendFloat32s decodes little-endian float32, several times faster than decodeEach.
func appendFloat32s(to *numbers, raw []byte) {
	for ; len(raw) >= 4; raw = raw[4:] {
		to.data = append(to.data, math.Float32frombits(binary.LittleEndian.Uint32(raw)))
	}
}
