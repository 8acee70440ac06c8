package embedding

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	info   fs.FileInfo // before it was read
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
	{[]string{".fvecs"}, false, func(s source) (ann.Vectors, error) { return readVecs(s, "f4") }},
	{[]string{".bvecs"}, false, func(s source) (ann.Vectors, error) { return readVecs(s, "u1") }},
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
//	FILE.npy              NumPy, any real numbers of at most 64 bits
//	FILE.fvecs, .bvecs    TEXMEX: before each vector its dimension as int32, then float32 or uint8
//	FILE.parquet[:column] a column of lists of numbers; a struct's list is :s.dense; the only one need not be named
//	FILE.hdf5[:dataset]   ann-benchmarks: an n × d data set of numbers, "train" unless another is named
//
// Numbers are floats of 16 to 64 bits and integers of 8 to 64 bits; they become float32, and every one must be finite. What
// cannot be decoded, such as a compression that the reader lacks, is an error. docs/formats.md lists what is read.
func Open(path string) (ann.Vectors, error) { return OpenReporting(path, io.Discard) }

// OpenReporting is Open; it writes to notes, a line each, what it converted and what it did not read.
func OpenReporting(path string, notes io.Writer) (ann.Vectors, error) {
	file, member := splitMember(path)
	format, ok := formatOf(file)
	switch {
	case !ok:
		return ann.Vectors{}, fmt.Errorf("%s: %s", path, unread(path))
	case member != "" && !format.hasMembers:
		return ann.Vectors{}, fmt.Errorf("%s: %s holds one matrix, there is no %q to choose", path, file, member)
	}
	s, err := openSource(file, member, notes)
	if err != nil {
		return ann.Vectors{}, err
	}
	defer s.Close()
	v, err := s.read(format)
	if err != nil {
		return ann.Vectors{}, fmt.Errorf("%s: %w", path, err)
	}
	return v, nil
}

// read reads the file as a format, unless its first bytes say that it is another one.
func (s source) read(f format) (ann.Vectors, error) {
	if err := s.checkContent(f); err != nil {
		return ann.Vectors{}, err
	}
	v, err := f.read(s)
	if err == nil {
		err = s.checkUnchanged()
	}
	return v, err
}

// checkUnchanged reports a file that was written to while it was read.
func (s source) checkUnchanged() error {
	now, err := s.Stat()
	if err == nil && (now.Size() != s.size || !now.ModTime().Equal(s.info.ModTime())) {
		err = errors.New("was changed while it was read")
	}
	return err
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
	f, info, err := openRegular(path)
	if err != nil {
		return source{}, err
	}
	return source{f, info, info.Size(), member, notes}, nil
}

// openRegular opens a regular file, or a symbolic link to one. Anything else is refused before it is opened, because
// opening a pipe waits for its other end.
func openRegular(path string) (*os.File, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, fmt.Errorf("%s: is %s, not a regular file", path, kindOf(info.Mode()))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	if info, err = f.Stat(); err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// maxDimension bounds what a damaged file can make the reader allocate for one row.
const maxDimension = math.MaxUint16 + 1
