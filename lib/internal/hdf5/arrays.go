package hdf5

// array is a fixed or extensible array of chunk entries.
type array struct {
	*chunkIndex
	header    uint64 // address
	client    uint64 // 1 if the entries describe filtered chunks
	entrySize int
	pageBits  uint64 // log2 of the entries of a page; larger data blocks are split into pages
	unlimited int    // the dimension that may grow, which varies slowest in the order of the entries
}

// newArray reads the fields at the start of both kinds of header.
func (x *chunkIndex) newArray(c *cursor) array {
	a := array{chunkIndex: x, header: x.address, client: c.uint(1), entrySize: int(c.uint(1))}
	filtered := uint64(0)
	if x.pipeline.filters != nil {
		filtered = 1
	}
	least := x.file.offsetSize + 5*int(filtered)
	if c.err == nil && (a.client != filtered || a.entrySize < least || filtered == 0 && a.entrySize != least) {
		c.err = c.damaged("has entries of type %d, %d bytes", a.client, a.entrySize)
	}
	return a
}

// block reads a block that begins with a signature, a version, the client and the address of the header.
func (a array) block(what, magic string, address, size uint64) (*cursor, error) {
	c, err := a.file.block(what, address, size)
	if err != nil {
		return nil, err
	}
	c.magic(magic, 0)
	if client, header := c.uint(1), a.file.address(c); c.err == nil && (client != a.client || header != a.header) {
		return nil, c.damaged("belongs to an array of type %d at %d, not of type %d at %d", client, header, a.client, a.header)
	}
	return c, c.err
}

// entries adds count entries; first is the number of the first in the array.
func (a array) entries(c *cursor, first, count uint64) error {
	for i := range count {
		k := a.entry(c, a.entrySize)
		if c.err != nil {
			return c.err
		}
		if a.file.undefined(k.address) {
			continue
		}
		row, column := a.place(first + i)
		if err := a.addScaled(k, row, column); err != nil {
			return err
		}
	}
	return nil
}

// place returns the row and column of entry i, counted in chunks.
func (a array) place(i uint64) (row, column uint64) {
	if a.unlimited == 1 {
		rows := max(1, ceilDiv(a.max[0], a.height))
		return i % rows, i / rows
	}
	columns := max(1, ceilDiv(a.max[1], a.width))
	return i / columns, i % columns
}

// page reads count entries and their checksum and returns the size of the page.
func (a array) page(address, first, count uint64) (size uint64, err error) {
	size = count*uint64(a.entrySize) + 4
	c, err := a.file.block("page of chunk index", address, size)
	if err != nil {
		return 0, err
	}
	if c.bytes(int(size - 4)); c.checksum() != nil {
		return 0, c.err
	}
	c.pos = 0
	return size, a.entries(c, first, count)
}

// fixedArray reads the index of a data set that cannot grow.
func (x *chunkIndex) fixedArray() error {
	f := x.file
	c, err := f.block("fixed array", x.address, uint64(12+f.lengthSize+f.offsetSize))
	if err != nil {
		return err
	}
	c.magic("FAHD", 0)
	a := x.newArray(c)
	a.pageBits = c.uint(1)
	count, data := f.length(c), f.address(c)
	switch {
	case c.checksum() != nil:
		return c.err
	case f.undefined(data):
		return nil
	case count > f.size/uint64(a.entrySize) || a.pageBits > 63:
		return c.damaged("announces %d entries in pages of 2^%d", count, a.pageBits)
	}
	return a.fixedBlock(data, count)
}

func (a array) fixedBlock(address, count uint64) error {
	perPage := uint64(1) << a.pageBits
	head := uint64(6 + a.file.offsetSize)
	if count <= perPage {
		c, err := a.block("fixed array's block", "FADB", address, head+count*uint64(a.entrySize)+4)
		if err != nil {
			return err
		}
		return a.checkedEntries(c, 0, count)
	}
	bitmap := (ceilDiv(count, perPage) + 7) / 8
	c, err := a.block("fixed array's block", "FADB", address, head+bitmap+4)
	if err != nil {
		return err
	}
	written := c.bytes(int(bitmap))
	if err := c.checksum(); err != nil {
		return err
	}
	at := address + head + bitmap + 4
	for first := uint64(0); first < count; first += perPage {
		n := min(perPage, count-first)
		if bitSet(written, first/perPage) {
			if _, err := a.page(at, first, n); err != nil {
				return err
			}
		}
		at += n*uint64(a.entrySize) + 4
	}
	return nil
}

// checkedEntries verifies the checksum after count entries and adds them.
func (a array) checkedEntries(c *cursor, first, count uint64) error {
	at := c.pos
	if c.bytes(int(count) * a.entrySize); c.checksum() != nil {
		return c.err
	}
	c.pos = at
	return a.entries(c, first, count)
}

// bitSet reports whether bit i is set. Bit 0 is the highest bit of the first byte.
func bitSet(b []byte, i uint64) bool {
	return i/8 < uint64(len(b)) && b[i/8]&(0x80>>(i%8)) != 0
}
