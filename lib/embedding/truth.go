package embedding

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"anncapacity/lib/internal/hdf5"
)

// Truth holds the exact neighbours of N queries: K IDs of each, nearest first. An ID is a row of the base.
type Truth struct {
	N, K int
	IDs  []int32 // length N·K
}

// Row returns the neighbours of query i as a view of length K.
func (t Truth) Row(i int) []int32 { return t.IDs[i*t.K : (i+1)*t.K : (i+1)*t.K] }

// Check returns an error that names the first row with an ID that is not a row of a base of n vectors, or that repeats.
func (t Truth) Check(n int) error {
	seen := make(map[int32]int, t.K)
	for i := range t.N {
		clear(seen)
		for j, id := range t.Row(i) {
			if id < 0 || int(id) >= n {
				return fmt.Errorf("row %d, neighbour %d is %d: the IDs of a base of %d vectors are 0 to %d", i, j, id, n, n-1)
			}
			if before, ok := seen[id]; ok {
				return fmt.Errorf("row %d: neighbours %d and %d are both %d", i, before, j, id)
			}
			seen[id] = j
		}
	}
	return nil
}

// truthFormats are the formats of exact neighbours, by extension.
var truthFormats = []struct {
	extensions []string
	read       func(source) (Truth, error)
}{
	{[]string{".ivecs"}, readTruthVecs},
	{[]string{".ibin"}, readTruthBin},
	{[]string{".hdf5", ".h5"}, readTruthHDF5},
	{[]string{".npy"}, readTruthNPY},
}

// OpenTruth reads the exact neighbours of queries. The extension of the file determines the format:
//
//	FILE.ivecs            TEXMEX: each list is preceded by its length as int32, followed by IDs as int32
//	FILE.ibin             big-ann-benchmarks: n and k as uint32, n × k IDs as int32, and n × k distances as float32 or nothing
//	FILE.hdf5[:dataset]   ann-benchmarks: an n × k data set of integers, by default "neighbors"
//	FILE.npy              NumPy: n × k integers of 32 or 64 bits, in C order
//
// Every list must have the same length. IDs that int32 cannot represent are an error; Truth.Check compares them with a base.
func OpenTruth(path string) (Truth, error) {
	file, member := splitMember(path)
	extension := strings.ToLower(filepath.Ext(file))
	for _, f := range truthFormats {
		if slices.Contains(f.extensions, extension) {
			return openTruth(file, member, f.extensions, f.read)
		}
	}
	return Truth{}, fmt.Errorf("%s: exact neighbours are read from .ivecs, .ibin, .hdf5 (.h5) and .npy", path)
}

func openTruth(file, member string, extensions []string, read func(source) (Truth, error)) (Truth, error) {
	if f, _ := formatOf(file); member != "" && !f.hasMembers {
		return Truth{}, fmt.Errorf("%s:%s: %[1]s holds one matrix, there is no %[2]q to choose", file, member)
	}
	s, err := openSource(file, member, io.Discard)
	if err != nil {
		return Truth{}, err
	}
	defer s.Close()
	var t Truth
	if err = s.checkContent(extensions); err == nil {
		t, err = read(s)
	}
	if err == nil {
		err = s.checkUnchanged()
	}
	if err != nil {
		return Truth{}, fmt.Errorf("%s: %w", strings.TrimSuffix(file+":"+member, ":"), err)
	}
	return t, nil
}

func readTruthVecs(s source) (t Truth, err error) {
	lists := listReader{bufio.NewReaderSize(s, 1<<20), s.size}
	for ; lists.left > 0; t.N++ {
		list, err := lists.next()
		switch {
		case err != nil:
			return t, fmt.Errorf("row %d: %w", t.N, err)
		case len(list) == 0 || len(list) > maxDimension:
			return t, fmt.Errorf("row %d announces %d neighbours: 1 to %d are expected", t.N, len(list), maxDimension)
		case t.N == 0:
			t.K = len(list)
		case len(list) != t.K:
			return t, fmt.Errorf("row %d has %d neighbours, the rows before it %d", t.N, len(list), t.K)
		}
		for _, id := range list {
			t.IDs = append(t.IDs, int32(id))
		}
	}
	return t, nil
}

// readTruthBin reads IDs, followed by distances of the same number or by nothing.
func readTruthBin(s source) (t Truth, err error) {
	n, k, err := readBinHeader(s)
	if err != nil {
		return t, err
	}
	have, want := s.size-binHeader, 4*n*k
	if have != want && have != 2*want {
		return t, fmt.Errorf("holds %d bytes after its header, which announces %d × %d IDs: %d bytes, or %d with distances, are expected", have, n, k, want, 2*want)
	}
	t = Truth{N: int(n), K: int(k), IDs: make([]int32, n*k)}
	return t, binary.Read(io.NewSectionReader(s, binHeader, want), binary.LittleEndian, t.IDs)
}

func readTruthHDF5(s source) (t Truth, err error) {
	file, err := hdf5.Open(s, s.size)
	if err != nil {
		return t, err
	}
	if s.member == "" {
		s.member = NeighborsSet
	}
	set, err := chooseDataset(file, s.member)
	if err != nil {
		return t, err
	}
	if len(set.Dims) != 2 || set.Type.Size < 4 || set.Type.Kind != hdf5.Int && set.Type.Kind != hdf5.Uint {
		return t, fmt.Errorf("an n × k data set of integers of 32 or 64 bits is expected, not %s", set)
	}
	n, k := set.Dims[0], set.Dims[1]
	if n < 1 || n > math.MaxInt32 || k < 1 || k > maxDimension || n*k > uint64(commonRatio*s.size) {
		return t, fmt.Errorf("data set %s: at least one row, 1 to %d columns, and no more numbers than the file can hold are expected", set, maxDimension)
	}
	t = Truth{N: int(n), K: int(k), IDs: make([]int32, n*k)}
	unwritten, err := set.Read(func(row, column uint64, raw []byte) error {
		return t.put(int(row), int(column), raw, set.Type.Size, set.Type.Order)
	})
	if err == nil && unwritten > 0 {
		err = fmt.Errorf("%d of %d IDs were never written", unwritten, n*k)
	}
	return t, err
}

// put decodes consecutive IDs of a row, integers of 4 or 8 bytes. An unsigned integer whose first bit is 1 is no ID either.
func (t Truth) put(row, column int, raw []byte, size int, order binary.ByteOrder) error {
	for ; len(raw) >= size; raw = raw[size:] {
		id := idOf(raw[:size], order)
		if id < 0 || id > math.MaxInt32 {
			return fmt.Errorf("row %d, neighbour %d is %d, which is not the number of a row", row, column, id)
		}
		t.IDs[row*t.K+column] = int32(id)
		column++
	}
	return nil
}

// idOf decodes a signed integer of 4 or 8 bytes.
func idOf(raw []byte, order binary.ByteOrder) int64 {
	if len(raw) == 4 {
		return int64(int32(order.Uint32(raw)))
	}
	return int64(order.Uint64(raw))
}

func readTruthNPY(s source) (t Truth, err error) {
	h, err := readNPYHeader(s)
	if err != nil {
		return t, err
	}
	size := int(h.scalar.size)
	switch {
	case !strings.Contains(h.scalar.name, "int") || size < 4:
		return t, fmt.Errorf("holds numbers of type %s; IDs are integers of 32 or 64 bits", h.scalar.name)
	case h.fortran:
		return t, errors.New("holds its IDs column by column; numpy.ascontiguousarray(x) orders them by rows")
	case h.d > maxDimension:
		return t, fmt.Errorf("announces %d neighbours of each query: at most %d are expected", h.d, maxDimension)
	}
	if err := h.checkSize(s); err != nil {
		return t, err
	}
	t = Truth{N: int(h.n), K: int(h.d), IDs: make([]int32, h.n*h.d)}
	raw := make([]byte, t.K*size)
	for i := range t.N {
		if _, err := io.ReadFull(s, raw); err != nil {
			return t, fmt.Errorf("row %d: %w", i, err)
		}
		if err := t.put(i, 0, raw, size, h.order); err != nil {
			return t, err
		}
	}
	return t, nil
}
