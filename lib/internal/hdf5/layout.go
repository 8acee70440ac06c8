package hdf5

import "fmt"

// Classes of storage.
const (
	storedCompact    = 0
	storedContiguous = 1
	storedChunked    = 2
	storedVirtual    = 3
)

// Kinds of chunk index, numbered as in the format. indexTree1 is the only kind of layout version 3.
const (
	indexTree1      = 0
	indexSingle     = 1
	indexImplicit   = 2
	indexFixed      = 3
	indexExtensible = 4
	indexTree2      = 5
)

// Flags of a chunked layout.
const (
	flagPartialUnfiltered = 1 << 0 // chunks that extend beyond the data set are not filtered
	flagSingleFiltered    = 1 << 1 // the layout holds the size and mask of a single chunk
)

// layout describes where the elements of a data set are stored.
type layout struct {
	class   uint64
	compact []byte
	address uint64
	size    uint64 // size of contiguous storage in bytes
	chunk   []uint64
	index   uint64
	flags   uint64

	singleSize, singleMask uint64
}

func (f *File) layout(messages []message) (l layout, err error) {
	m, ok, err := find(messages, messageLayout)
	switch {
	case err != nil:
		return l, err
	case !ok:
		return l, fmt.Errorf("damaged: no layout message")
	case m.flags&flagShared != 0:
		return l, unsupportedf("a shared layout message")
	}
	c := inBlock("layout message", m.body)
	version := c.uint(1)
	if version < 3 || version > 5 {
		return l, unsupportedf("layout message of version %d", version)
	}
	switch l.class = c.uint(1); {
	case l.class == storedCompact:
		l.compact = c.bytes(int(c.uint(2)))
	case l.class == storedContiguous:
		l.address, l.size = f.address(c), f.length(c)
	case l.class == storedChunked && version == 3:
		f.chunked3(&l, c)
	case l.class == storedChunked: // version 5 differs from 4 in the width of sizes in the index
		f.chunked4(&l, c)
	case l.class == storedVirtual:
		return l, unsupportedf("a virtual data set: give the file that it maps")
	default:
		return l, c.damaged("has storage of class %d", l.class)
	}
	return l, c.err
}

func (f *File) chunked3(l *layout, c *cursor) {
	rank := c.uint(1)
	l.address = f.address(c)
	for range rank {
		l.chunk = append(l.chunk, c.uint(4))
	}
}

func (f *File) chunked4(l *layout, c *cursor) {
	l.flags = c.uint(1)
	rank, size := c.uint(1), c.uint(1)
	if size < 1 || size > 8 {
		c.err = c.damaged("has chunk dimensions of %d bytes", size)
		return
	}
	for range rank {
		l.chunk = append(l.chunk, c.uint(int(size)))
	}
	switch l.index = c.uint(1); l.index {
	case indexSingle:
		if l.flags&flagSingleFiltered != 0 {
			l.singleSize, l.singleMask = f.length(c), c.uint(4)
		}
	case indexImplicit:
	case indexFixed:
		c.bytes(1)
	case indexExtensible:
		c.bytes(5)
	case indexTree2:
		c.bytes(6)
	default:
		c.err = unsupportedf("chunk index of type %d", l.index)
		return
	}
	l.address = f.address(c)
}
