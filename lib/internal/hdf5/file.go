// Package hdf5 reads two-dimensional data sets of numbers from HDF5 files. It follows the HDF5 File Format
// Specification, versions 3.0 and 4.0. An unsupported feature is an error that names it, and a chunk that cannot be
// decoded is an error. Every checksum of the format is verified.
//
// Open reads the superblock (file.go). Dataset and Datasets follow links through groups (path.go, links.go, heap.go) to
// object headers (header.go, message.go, datatype.go). Dataset.Read finds the chunks in one of six indexes (layout.go,
// chunks.go, btree1.go, btree2.go, arrays.go, extensible.go) and decodes each (pipeline.go, filters.go, blosc.go,
// bitshuffle.go).
package hdf5

import (
	"errors"
	"fmt"
	"io"
)

// File is an open HDF5 file.
type File struct {
	r                      io.ReaderAt
	base                   uint64 // file offset of address 0 (after a user block)
	size                   uint64 // number of bytes from base to the end of the file
	offsetSize, lengthSize int
	root                   uint64 // address of the root group's object header
}

// unsupported is the error for a feature that this package does not support. errors.Is(err, errors.ErrUnsupported) is
// true.
type unsupported string

func (u unsupported) Error() string        { return string(u) }
func (u unsupported) Is(target error) bool { return target == errors.ErrUnsupported }

func unsupportedf(format string, args ...any) error {
	return unsupported(fmt.Sprintf(format, args...))
}

const signature = "\x89HDF\r\n\x1a\n"

// Open reads the superblock of a file of size bytes. r must stay open while the File is in use.
func Open(r io.ReaderAt, size int64) (*File, error) {
	for at := int64(0); at+int64(len(signature)) <= size; at = max(512, 2*at) {
		var head [len(signature)]byte
		if _, err := r.ReadAt(head[:], at); err != nil {
			return nil, err
		}
		if string(head[:]) == signature {
			f := &File{r: r, base: uint64(at), size: uint64(size - at)}
			return f, f.superblock()
		}
	}
	return nil, errors.New("not an HDF5 file: it has no HDF5 signature")
}

// superblock reads versions 0 to 3.
func (f *File) superblock() error {
	c, err := f.block("superblock", 0, min(f.size, 128))
	if err != nil {
		return err
	}
	c.bytes(len(signature))
	switch version := c.uint(1); version {
	case 0, 1:
		err = f.superblock0(c, version)
	case 2, 3:
		err = f.superblock2(c, version)
	default:
		err = unsupportedf("superblock of version %d", version)
	}
	return err
}

func (f *File) setSizes(c *cursor) error {
	f.offsetSize, f.lengthSize = int(c.uint(1)), int(c.uint(1))
	for _, size := range []int{f.offsetSize, f.lengthSize} {
		if size != 2 && size != 4 && size != 8 {
			return fmt.Errorf("damaged: superblock announces addresses of %d bytes, lengths of %d", f.offsetSize, f.lengthSize)
		}
	}
	return c.err
}

func (f *File) superblock0(c *cursor, version uint64) error {
	c.bytes(4)
	if err := f.setSizes(c); err != nil {
		return err
	}
	c.bytes(9)
	if version == 1 {
		c.bytes(4)
	}
	base := f.address(c)
	f.address(c)
	end, driver := f.address(c), f.address(c)
	f.length(c) // offset of the root's name
	f.root = f.address(c)
	if c.err == nil && !f.undefined(driver) {
		return unsupportedf("an HDF5 file of several parts (driver information block)")
	}
	return f.checkEnd(c, base, end)
}

func (f *File) superblock2(c *cursor, version uint64) error {
	if err := f.setSizes(c); err != nil {
		return err
	}
	flags := c.uint(1)
	base, extension, end := f.address(c), f.address(c), f.address(c)
	f.root = f.address(c)
	if err := c.checksum(); err != nil {
		return err
	}
	if version == 3 && flags&5 != 0 {
		return errors.New("is open for writing in another program, or was not closed (h5clear resets its consistency flags)")
	}
	if err := f.checkEnd(c, base, end); err != nil || f.undefined(extension) {
		return err
	}
	return f.superblockExtension(extension)
}

// checkEnd compares the end-of-file address with the size of the file. A stored base address that differs from the
// position of the signature means that a user block was added or removed; the end moves by the same amount.
func (f *File) checkEnd(c *cursor, base, end uint64) error {
	switch {
	case c.err != nil:
		return c.err
	case end < base:
		return c.damaged("says that the file ends at %d, before it begins at %d", end, base)
	case end-base > f.size:
		return fmt.Errorf("holds %d bytes, its superblock announces %d (truncated, or not finished)", f.base+f.size, end-base+f.base)
	}
	return nil
}

// superblockExtension rejects extensions that change how the rest of the file is read.
func (f *File) superblockExtension(address uint64) error {
	messages, err := f.header(address)
	if err != nil {
		return fmt.Errorf("superblock extension: %w", err)
	}
	for _, m := range messages {
		switch m.kind {
		case messageDriver:
			return unsupportedf("an HDF5 file of several parts (driver information)")
		case messageCacheImage:
			return unsupportedf("an HDF5 file with a metadata cache image")
		}
	}
	return nil
}

// address reads an address or offset, and length reads a length.
func (f *File) address(c *cursor) uint64 { return c.uint(f.offsetSize) }
func (f *File) length(c *cursor) uint64  { return c.uint(f.lengthSize) }

// undefined reports whether address is the undefined address, which means "none".
func (f *File) undefined(address uint64) bool {
	return address == ^uint64(0)>>(64-8*f.offsetSize)
}
