package hdf5

import "math/bits"

// heap is a fractal heap, which stores the links of a large group.
type heap struct {
	file                  *File
	address               uint64
	checksummed           bool
	width, start, largest uint64 // columns of the doubling table, sizes of its smallest and largest direct blocks in bytes
	offsetBytes           int    // size of an offset into the heap
	lengthBytes           int    // size of the length in an object ID
	root, rows            uint64
	blocks                map[uint64]*cursor // checked direct blocks, by address
	tables                map[uint64]*cursor // children of indirect blocks, by address
}

func (f *File) heap(address uint64) (*heap, error) {
	size := uint64(26 + 12*f.lengthSize + 3*f.offsetSize)
	c, err := f.block("fractal heap", address, size)
	if err != nil {
		return nil, err
	}
	h := &heap{file: f, address: address, blocks: map[uint64]*cursor{}, tables: map[uint64]*cursor{}}
	c.magic("FRHP", 0)
	c.bytes(2)
	filters, flags, managed := c.uint(2), c.uint(1), c.uint(4)
	h.checksummed = flags&2 != 0
	c.bytes(10*f.lengthSize + 2*f.offsetSize)
	h.width, h.start, h.largest = c.uint(2), f.length(c), f.length(c)
	bitsOfOffset := c.uint(2)
	c.bytes(2)
	h.root, h.rows = f.address(c), c.uint(2)
	if filters != 0 {
		return nil, unsupportedf("a group whose links are compressed")
	}
	if c.checksum() != nil {
		return nil, c.err
	}
	sizes := powerOfTwo(h.width) && powerOfTwo(h.start) && powerOfTwo(h.largest) && h.start <= h.largest && h.largest <= 1<<32
	if !sizes || bitsOfOffset == 0 || bitsOfOffset > 64 {
		return nil, c.damaged("has %d columns, blocks of %d to %d bytes, offsets of %d bits", h.width, h.start, h.largest, bitsOfOffset)
	}
	h.offsetBytes = int(bitsOfOffset+7) / 8
	h.lengthBytes = min(int(log2(h.largest)+7)/8, encodedSize(managed))
	return h, nil
}

func powerOfTwo(n uint64) bool { return bits.OnesCount64(n) == 1 }

// log2 returns the logarithm of a power of two.
func log2(n uint64) uint64 { return uint64(bits.Len64(n)) - 1 }

// object returns the bytes of the object with an ID.
func (h *heap) object(id []byte) ([]byte, error) {
	c := inBlock("heap ID", id)
	if kind := c.uint(1); kind != 0 {
		return nil, unsupportedf("a link whose heap ID is of type %#x, not of a managed object", kind)
	}
	offset, size := c.uint(h.offsetBytes), c.uint(h.lengthBytes)
	if c.err != nil {
		return nil, c.err
	}
	if h.rows == 0 {
		return h.direct(place{h.root, h.start, 0}, offset, size)
	}
	return h.indirect(h.root, 0, h.rows, offset, size)
}

// place is the address of a block in the file, its size and its offset in the heap.
type place struct{ address, size, offset uint64 }

// direct returns an object in a direct block.
func (h *heap) direct(p place, offset, size uint64) ([]byte, error) {
	c := h.blocks[p.address]
	if c == nil {
		var err error
		if c, err = h.file.block("fractal heap's block", p.address, p.size); err != nil {
			return nil, err
		}
		if err := h.check(c, p.offset); err != nil {
			return nil, err
		}
		h.blocks[p.address] = c
	}
	if at := offset - p.offset; offset >= p.offset && at < p.size && size <= p.size-at {
		return c.all[at : at+size], nil
	}
	return nil, c.damaged("has no object of %d bytes at offset %d", size, offset)
}

// check verifies the header of a direct block. The checksum covers the block with zeros in place of the checksum.
func (h *heap) check(c *cursor, offset uint64) error {
	c.magic("FHDB", 0)
	if owner, at := h.file.address(c), c.uint(h.offsetBytes); c.err == nil && (owner != h.address || at != offset) {
		return c.damaged("belongs to the heap at %d, offset %d; not to %d, %d", owner, at, h.address, offset)
	}
	if !h.checksummed {
		return c.err
	}
	at := c.pos
	stored := uint32(c.uint(4))
	if c.err != nil {
		return c.err
	}
	zeroed := append(append(append([]byte{}, c.all[:at]...), 0, 0, 0, 0), c.all[at+4:]...)
	if sum := lookup3(zeroed); sum != stored {
		return c.damaged("checksum is %#08x, its bytes give %#08x", stored, sum)
	}
	return nil
}

// rowSize returns the size of the blocks in a row of the doubling table, and rowStart the offset of its first block.
func (h *heap) rowSize(row uint64) uint64 { return h.start << (max(row, 1) - 1) }
func (h *heap) rowStart(row uint64) uint64 {
	if row == 0 {
		return 0
	}
	return h.width * h.start << (row - 1)
}

// rowOf returns the row that contains an offset.
func (h *heap) rowOf(offset uint64) uint64 {
	return uint64(bits.Len64(offset / (h.width * h.start)))
}

// indirect returns an object below the indirect block that begins at offset begin of the heap and has the given number
// of rows of children.
func (h *heap) indirect(address, begin, rows, offset, size uint64) ([]byte, error) {
	children, err := h.table(address, begin, rows)
	if err != nil {
		return nil, err
	}
	row := h.rowOf(offset - begin)
	if offset < begin || row >= rows {
		return nil, children.damaged("has no offset %d", offset)
	}
	blockSize := h.rowSize(row)
	column := (offset - begin - h.rowStart(row)) / blockSize
	children.pos = int(row*h.width+column) * h.file.offsetSize
	child := place{h.file.address(children), blockSize, begin + h.rowStart(row) + column*blockSize}
	if blockSize <= h.largest {
		return h.direct(child, offset, size)
	}
	below := log2(blockSize) - log2(h.start*h.width) + 1
	if below >= rows {
		return nil, children.damaged("has a child as large as itself")
	}
	return h.indirect(child.address, child.offset, below, offset, size)
}

// table returns the addresses of the children of an indirect block.
func (h *heap) table(address, begin, rows uint64) (*cursor, error) {
	if known := h.tables[address]; known != nil {
		return known, nil
	}
	f := h.file
	if rows > 64 {
		return nil, unsupportedf("a fractal heap of %d rows", rows)
	}
	c, err := f.block("fractal heap's table", address, uint64(9+f.offsetSize+h.offsetBytes)+rows*h.width*uint64(f.offsetSize))
	if err != nil {
		return nil, err
	}
	c.magic("FHIB", 0)
	if owner, at := f.address(c), c.uint(h.offsetBytes); c.err == nil && (owner != h.address || at != begin) {
		return nil, c.damaged("belongs to the heap at %d, offset %d; not to %d, %d", owner, at, h.address, begin)
	}
	children := inBlock("fractal heap's table", c.bytes(int(rows*h.width)*f.offsetSize))
	if err := c.checksum(); err != nil {
		return nil, err
	}
	h.tables[address] = children
	return children, nil
}
