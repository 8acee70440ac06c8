package embedding

import (
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/scigolib/hdf5"

	"anncapacity/lib/ann"
)

// readHDF5 reads an n × d data set in blocks of rows. What the reader does not know is refused with the library's
// reason.
func readHDF5(s source) (v ann.Vectors, err error) {
	defer guard(&err)
	file, err := hdf5.Open(s.Name())
	if err != nil {
		return v, fmt.Errorf("not an HDF5 file that can be read (%w); %s", err, convertHDF5)
	}
	defer file.Close()
	if err := checkEnd(s, file.Superblock().Version); err != nil {
		return v, err
	}
	want := s.member
	if want == "" {
		want = "train"
	}
	set, others := findDataset(file, "/"+strings.TrimPrefix(want, "/"))
	if set == nil {
		return v, fmt.Errorf("has no data set %q, only %s", want, strings.Join(others, ", "))
	}
	m, err := matrixOf(set)
	if err != nil {
		return v, err
	}
	return m.read(s.size)
}

const convertHDF5 = "h5py can convert it: numpy.save('FILE.npy', h5py.File('FILE.hdf5')['train'][:].astype('float32'))"

// checkEnd compares the file's size with the end-of-file address in its superblock, which the library does not read:
// it stands behind the base address and one more address, at a place that depends on the superblock's version.
func checkEnd(s source, version uint8) error {
	at, ok := map[uint8]int64{0: 40, 1: 44, 2: 28, 3: 28}[version]
	if !ok {
		return fmt.Errorf("has an HDF5 superblock of version %d; %s", version, convertHDF5)
	}
	var end [8]byte
	if _, err := s.ReadAt(end[:], at); err != nil {
		return err
	}
	if announced := binary.LittleEndian.Uint64(end[:]); announced > uint64(s.size) {
		return fmt.Errorf("holds %d bytes, its superblock announces %d (truncated, or not finished)", s.size, announced)
	}
	return nil
}

// findDataset is the data set at a path, and the paths of all.
func findDataset(file *hdf5.File, want string) (found *hdf5.Dataset, all []string) {
	file.Walk(func(path string, object hdf5.Object) {
		if set, ok := object.(*hdf5.Dataset); ok {
			all = append(all, path)
			if path == want {
				found = set
			}
		}
	})
	return found, all
}

// matrix is a data set of n × d numbers of the given bytes.
type matrix struct {
	set       *hdf5.Dataset
	n, d      uint64
	size      uint64 // bytes of a number
	unchunked bool
}

// summary is what the library says of a two-dimensional data set of floats; it gives shapes in no other way.
var summary = regexp.MustCompile(`^Dataset: float \(size=([48]) bytes\), 2D array \[(\d+) x (\d+)\], (\w+)`)

func matrixOf(set *hdf5.Dataset) (matrix, error) {
	info, err := set.Info()
	if err != nil {
		return matrix{}, fmt.Errorf("%w; %s", err, convertHDF5)
	}
	parts := summary.FindStringSubmatch(info)
	if parts == nil {
		return matrix{}, fmt.Errorf("an n × d data set of float32 or float64 is expected, %q is %s; %s", set.Name(), info, convertHDF5)
	}
	var numbers [3]uint64
	for i := range numbers {
		if numbers[i], err = strconv.ParseUint(parts[i+1], 10, 40); err != nil {
			return matrix{}, fmt.Errorf("damaged: %s", info)
		}
	}
	m := matrix{set: set, size: numbers[0], n: numbers[1], d: numbers[2], unchunked: parts[4] != "chunked"}
	if m.n < 1 || m.d < 1 || m.d > maxDimension {
		return m, fmt.Errorf("data set %q is %d × %d: at least one row, and 1 to %d columns are expected", set.Name(), m.n, m.d, maxDimension)
	}
	return m, nil
}

// blockNumbers is how many numbers are read at a time.
const blockNumbers = 1 << 22

func (m matrix) read(fileSize int64) (ann.Vectors, error) {
	if m.unchunked && m.n*m.d*m.size > uint64(fileSize) {
		return ann.Vectors{}, fmt.Errorf("announces %d × %d numbers, more than the file's %d bytes can hold (truncated)", m.n, m.d, fileSize)
	}
	data := make([]float32, 0, min(m.n*m.d, uint64(fileSize)))
	step := max(1, blockNumbers/m.d)
	for row := uint64(0); row < m.n; row += step {
		rows := min(step, m.n-row)
		block, err := m.set.ReadSlice([]uint64{row, 0}, []uint64{rows, m.d})
		if err != nil {
			return ann.Vectors{}, fmt.Errorf("rows %d to %d: %w", row, row+rows-1, err)
		}
		numbers, ok := block.([]float64)
		if !ok || uint64(len(numbers)) != rows*m.d {
			return ann.Vectors{}, errors.New("damaged: the numbers of its rows do not make its shape")
		}
		data = appendFloat64s(data, numbers)
	}
	return ann.NewVectors(int(m.n), int(m.d), data)
}
