package postings

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// Options are the options of Open. The zero value is ready for use.
type Options struct {
	Access Access // how the file is read; zero means Auto
	Depth  int    // maximum number of reads at the same time in one call of Read; zero means 16, range 1 … 256
}

const (
	defaultDepth = 16
	maxDepth     = 256
)

// File is an open postings file. Its methods are safe for concurrent use.
type File struct {
	Shape
	path   string
	file   *os.File
	salt   uint32   // checksum of the header
	pages  int      // pages of every unit, or 0
	firsts []uint32 // length Units+1: the first page of every unit after the header, if pages is 0
	opened identity
	depth  int
	how    access

	mu     sync.RWMutex // Read holds it for reading, Close for writing
	closed bool
	free   readers
}

// Shape is what a postings file contains.
type Shape struct {
	N, D   int               // vectors of the base, numbers of a vector
	Width  int               // bytes of a number: 1 for uint8, 4 for float32
	Units  int               // number of units
	Stored int               // vectors of all units, copies included
	Pages  int64             // pages of all units
	Base   [sha256.Size]byte // Hash of the base
	Layout [sha256.Size]byte // SHA-256 of the layout
}

// Open opens a postings file and checks its size, its header and its index. A unit is checked when it is read. The error wraps
// ErrForeign or ErrDamaged if the content of the file is wrong.
func Open(path string, o Options) (*File, error) {
	f, err := open(path, o)
	if err != nil {
		return nil, fmt.Errorf("postings: %s: %w", path, err)
	}
	return f, nil
}

func open(path string, o Options) (_ *File, err error) {
	if o.Depth == 0 {
		o.Depth = defaultDepth
	}
	if o.Depth < 1 || o.Depth > maxDepth {
		return nil, fmt.Errorf("a depth of %d is outside 1 … %d", o.Depth, maxDepth)
	}
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, errors.New("this processor is not little-endian")
	}
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, file: file, depth: o.Depth}
	err = f.load()
	if err == nil {
		err = f.setAccess(o.Access)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return f, nil
}

// load reads the header and the index.
func (f *File) load() (err error) {
	if f.opened, err = identify(f.fd()); err != nil {
		return err
	}
	page := make([]byte, pageBytes)
	if n, err := io.ReadFull(f.file, page); err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("%w: it has %d bytes, less than a header", ErrForeign, n)
	} else if err != nil {
		return err
	}
	h, sum, err := parseHeader(page)
	if err != nil {
		return err
	}
	if f.opened.size != h.fileBytes() {
		return fmt.Errorf("%w: it has %d bytes, not %d", ErrDamaged, f.opened.size, h.fileBytes())
	}
	f.Shape = Shape{
		N: int(h.N), D: int(h.D), Width: int(h.Width), Units: int(h.Units), Stored: int(h.Stored), Pages: int64(h.Pages),
		Base: h.Base, Layout: h.Layout,
	}
	f.salt, f.pages = sum, int(h.UnitPages)
	if f.pages == 0 {
		return f.loadIndex(h)
	}
	return nil
}

// loadIndex reads the index and computes the first page of every unit.
func (f *File) loadIndex(h header) error {
	index := make([]byte, h.indexBytes())
	if _, err := f.file.ReadAt(index, h.fileBytes()-h.indexBytes()); err != nil {
		return err
	}
	if sum := checksum(index); sum != h.Index {
		return fmt.Errorf("%w: the checksum of the index is %08x, not %08x", ErrDamaged, sum, h.Index)
	}
	f.firsts = make([]uint32, f.Units+1)
	for u := range f.Units {
		count := binary.LittleEndian.Uint32(index[4*u:])
		f.firsts[u+1] = f.firsts[u] + uint32(Pages(int(count), f.D, f.Width))
	}
	if int64(f.firsts[f.Units]) != f.Pages {
		return fmt.Errorf("%w: the index describes %d pages, not %d", ErrDamaged, f.firsts[f.Units], f.Pages)
	}
	return nil
}

// span returns the first page of a unit after the header and the number of its pages.
func (f *File) span(unit int32) (first, pages int) {
	if f.pages > 0 {
		return int(unit) * f.pages, f.pages
	}
	return int(f.firsts[unit]), int(f.firsts[unit+1] - f.firsts[unit])
}

// UnitPages returns the number of pages of a unit.
func (f *File) UnitPages(unit int32) int {
	_, pages := f.span(unit)
	return pages
}

// MemoryBytes returns the bytes that the positions of the units take in memory: 0 if all units have the same number of pages, 4
// for each unit otherwise.
func (f *File) MemoryBytes() int64 { return 4 * int64(len(f.firsts)) }

// Mode describes in words how the file is read.
func (f *File) Mode() string { return f.how.words }

func (f *File) fd() int { return int(f.file.Fd()) }

// Close closes the file when all calls of Read have returned.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return fmt.Errorf("postings: %s: %w", f.path, os.ErrClosed)
	}
	f.closed = true
	return errors.Join(f.free.close(), f.file.Close())
}

// identity shows whether a file was changed or replaced.
type identity struct {
	size     int64
	modified unix.Timespec
}

func identify(fd int) (identity, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return identity{}, err
	}
	if st.Nlink == 0 {
		return identity{}, fmt.Errorf("%w: it was removed or replaced", ErrChanged)
	}
	return identity{st.Size, st.Mtim}, nil
}

// checkIdentity returns an error if the file was changed, removed or replaced after Open.
func (f *File) checkIdentity() error {
	now, err := identify(f.fd())
	if err == nil && now != f.opened {
		err = fmt.Errorf("%w: its size or the time of its last change differs", ErrChanged)
	}
	return err
}
