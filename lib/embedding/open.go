package embedding

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"anncapacity/lib/ann"
)

// source is an open file, and the column or data set that was asked of it; "" leaves the choice to the format.
type source struct {
	*os.File
	size   int64
	member string
	notes  io.Writer // what a user should know of a file that was read
}

// note writes one line that begins with the file's name.
func (s source) note(format string, args ...any) {
	fmt.Fprintf(s.notes, "%s: %s\n", s.Name(), fmt.Sprintf(format, args...))
}

// format is one way in which files keep embeddings.
type format struct {
	extensions []string
	hasMembers bool // FILE:member chooses among several matrices
	read       func(source) (ann.Vectors, error)
}

var formats = []format{
	{[]string{".npy"}, false, readNPY},
	{[]string{".fvecs"}, false, func(s source) (ann.Vectors, error) { return readVecs(s, float32s) }},
	{[]string{".bvecs"}, false, func(s source) (ann.Vectors, error) { return readVecs(s, uint8s) }},
	{[]string{".parquet", ".pq"}, true, readParquet},
	{[]string{".hdf5", ".h5"}, true, readHDF5},
}

// formatOf is the format of a path, by its extension.
func formatOf(path string) (format, bool) {
	extension := strings.ToLower(filepath.Ext(path))
	for _, f := range formats {
		if slices.Contains(f.extensions, extension) {
			return f, true
		}
	}
	return format{}, false
}

// Open reads n × d embeddings, and tells the format by the extension of the file:
//
//	FILE.npy              NumPy, float32 or float16
//	FILE.fvecs, .bvecs    TEXMEX: before each vector its dimension as int32, then float32 or uint8
//	FILE.parquet[:column] a column of lists of float32 or float64; it need not be named where it is the only one
//	FILE.hdf5[:dataset]   ann-benchmarks: an n × d data set of float32 or float64, "train" unless another is named
//
// Every number must be finite, as a float32 too.
func Open(path string) (ann.Vectors, error) { return OpenReporting(path, io.Discard) }

// OpenReporting is Open; it writes to notes, a line each, what it converted and what it did not read.
func OpenReporting(path string, notes io.Writer) (ann.Vectors, error) {
	file, member := splitMember(path)
	format, ok := formatOf(file)
	switch {
	case !ok:
		return ann.Vectors{}, fmt.Errorf("%s: embeddings are read from .npy, .fvecs, .bvecs, .parquet and .hdf5", path)
	case member != "" && !format.hasMembers:
		return ann.Vectors{}, fmt.Errorf("%s: %s holds one matrix, there is no %q to choose", path, file, member)
	}
	s, err := openSource(file, member, notes)
	if err != nil {
		return ann.Vectors{}, err
	}
	defer s.Close()
	v, err := format.read(s)
	if err != nil {
		return ann.Vectors{}, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

// splitMember takes FILE.parquet:column apart at the first colon after a known extension; the column's name may hold
// colons too.
func splitMember(path string) (file, member string) {
	for i := range len(path) {
		if path[i] != ':' {
			continue
		}
		if _, ok := formatOf(path[:i]); ok {
			return path[:i], path[i+1:]
		}
	}
	return path, ""
}

func openSource(path, member string, notes io.Writer) (source, error) {
	f, err := os.Open(path)
	if err != nil {
		return source{}, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: is not a file", path)
	}
	if err != nil {
		f.Close()
		return source{}, err
	}
	return source{f, info.Size(), member, notes}, nil
}

// guard turns the panics with which a library meets a damaged file into errors.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("damaged: %v", p)
	}
}

// appendFloat64s rounds to float32. A number that float32 cannot hold becomes infinite, and NewVectors refuses it.
func appendFloat64s(data []float32, numbers []float64) []float32 {
	data = slices.Grow(data, len(numbers))
	for _, x := range numbers {
		data = append(data, float32(x))
	}
	return data
}

// maxDimension bounds what a damaged file can make the reader allocate for one row.
const maxDimension = math.MaxUint16 + 1
