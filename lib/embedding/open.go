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

// source is an open file or object with the requested column or data set. If member is "", the format chooses one.
type source struct {
	*io.SectionReader
	name   string      // path of the file
	file   *os.File    // nil for the objects of other storage
	info   fs.FileInfo // of the file at the time of opening
	size   int64
	member string
	notes  io.Writer // receives remarks on how the file was read
	keep   bool      // whether numbers of type uint8 stay uint8
}

// note writes a line that begins with the name of the file.
func (s source) note(format string, args ...any) {
	fmt.Fprintf(s.notes, "%s: %s\n", s.name, fmt.Sprintf(format, args...))
}

// format is a file format of embeddings.
type format struct {
	extensions []string
	hasMembers bool // whether FILE:member selects one of several matrices
	read       func(source) (ann.Coordinates, error)
}

var formats = []format{
	{[]string{".npy"}, false, readNPY},
	{[]string{".fvecs"}, false, func(s source) (ann.Coordinates, error) { return readVecs(s, "f4") }},
	{[]string{".bvecs"}, false, func(s source) (ann.Coordinates, error) { return readVecs(s, "u1") }},
	{[]string{".fbin"}, false, func(s source) (ann.Coordinates, error) { return readBin(s, "f4") }},
	{[]string{".u8bin"}, false, func(s source) (ann.Coordinates, error) { return readBin(s, "u1") }},
	{[]string{".i8bin"}, false, func(s source) (ann.Coordinates, error) { return readBin(s, "i1") }},
	{parquetExtensions, true, readParquet},
	{[]string{".hdf5", ".h5"}, true, readHDF5},
}

var parquetExtensions = []string{".parquet", ".pq"}

// formatOf returns the format of a path by its extension.
func formatOf(path string) (format, bool) {
	extension := strings.ToLower(filepath.Ext(path))
	for _, f := range formats {
		if slices.Contains(f.extensions, extension) {
			return f, true
		}
	}
	return format{}, false
}

// Open reads n × d embeddings. The extension of the file determines the format:
//
//	FILE.npy              NumPy, real numbers of at most 64 bits
//	FILE.fvecs, .bvecs    TEXMEX: each vector is preceded by its dimension as int32, followed by float32 or uint8
//	FILE.fbin             big-ann-benchmarks: n and d as uint32, followed by n × d float32; .u8bin: uint8, .i8bin: int8
//	FILE.parquet[:column] a column of lists of numbers (:s.dense in a struct s), which need not be named if it is the only one
//	FOLDER[:column]       the .parquet and .pq files of a folder, ordered by name; PATTERN[:column] those that a pattern such as
//	                      folder/part-*.parquet matches. The rows of a file follow those of the files before it.
//	FILE.hdf5[:dataset]   ann-benchmarks: an n × d data set of numbers, by default "train"
//
// Numbers are floats of 16 to 64 bits and integers of 8 to 64 bits. They are converted to float32 and must be finite.
// Data that cannot be decoded, for example because of an unsupported compression, is an error. docs/formats.md lists the
// supported formats.
func Open(path string) (ann.Vectors, error) { return OpenReporting(path, io.Discard) }

// OpenReporting is like Open and writes a line to notes for every conversion and for data that it did not read.
func OpenReporting(path string, notes io.Writer) (ann.Vectors, error) {
	c, err := open(path, notes, false)
	return ann.Vectors{N: c.N, D: c.D, Data: c.Floats}, err
}

// OpenCoordinates is like OpenReporting, but numbers of type uint8 stay uint8: those of .bvecs and .u8bin, and those of .npy, .hdf5 and
// .parquet files that have this type. Numbers of all other types are converted to float32. Reading uint8 from .hdf5 and
// .parquet takes the memory of float32 for a while.
func OpenCoordinates(path string, notes io.Writer) (ann.Coordinates, error) {
	return open(path, notes, true)
}

func open(path string, notes io.Writer, keep bool) (ann.Coordinates, error) {
	parts, err := shardsOf(path)
	switch {
	case err != nil:
		return ann.Coordinates{}, err
	case parts.files != nil:
		return parts.open(notes, keep)
	}
	file, member := splitMember(path)
	format, ok := formatOf(file)
	switch {
	case !ok:
		return ann.Coordinates{}, fmt.Errorf("%s: %s", path, unread(path))
	case member != "" && !format.hasMembers:
		return ann.Coordinates{}, fmt.Errorf("%s: %s holds one matrix, there is no %q to choose", path, file, member)
	}
	s, err := openSource(file, member, notes)
	if err != nil {
		return ann.Coordinates{}, err
	}
	defer s.Close()
	s.keep = keep
	c, err := s.read(format)
	if err != nil {
		return ann.Coordinates{}, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// read reads the file as format f, unless its first bytes identify another format.
func (s source) read(f format) (ann.Coordinates, error) {
	if err := s.checkContent(f.extensions); err != nil {
		return ann.Coordinates{}, err
	}
	c, err := f.read(s)
	if err == nil {
		err = s.checkUnchanged()
	}
	return c, err
}

// checkUnchanged returns an error if the file was modified after it was opened.
func (s source) checkUnchanged() error {
	now, err := s.file.Stat()
	if err == nil && (now.Size() != s.size || !now.ModTime().Equal(s.info.ModTime())) {
		err = errChanged
	}
	return err
}

var errChanged = errors.New("was changed while it was read")

// splitMember splits FILE.parquet:column at the first colon after a known extension. The name of the column may contain
// colons.
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
	s := sourceOf(path, f, info.Size(), member)
	s.file, s.info, s.notes = f, info, notes
	return s, nil
}

// sourceOf returns a source of size bytes that need not be a file. It writes no notes.
func sourceOf(name string, r io.ReaderAt, size int64, member string) source {
	return source{SectionReader: io.NewSectionReader(r, 0, size), name: name, size: size, member: member, notes: io.Discard}
}

// Close closes the file.
func (s source) Close() error { return s.file.Close() }

// openRegular opens a regular file or a symbolic link to one. Any other kind of file is rejected before it is opened,
// because opening a pipe waits for its other end.
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

// maxDimension limits the memory that a damaged file can make the reader allocate for one row.
const maxDimension = math.MaxUint16 + 1
