package hdf5

import "math/bits"

// array is a fixed or an extensible array of chunk entries while it is read.
type array struct {
	*chunkIndex
	header    uint64 // address
	client    uint64 // 1: the entries are of filtered chunks
	entrySize int
	pageBits  uint64 // larger data blocks are split into pages of 1<<pageBits entries
	unlimited int    // the dimension that may grow; it is the slowest in the order of the entries
}

// newArray reads the fields with which both headers begin.
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

// block reads a block that begins with a signature, version, client and the header's address.
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

// entries adds count entries, of which the first has a number in the array.
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

// place is the row and column, in chunks, of an entry.
func (a array) place(i uint64) (row, column uint64) {
	if a.unlimited == 1 {
		rows := max(1, ceilDiv(a.max[0], a.height))
		return i % rows, i / rows
	}
	columns := max(1, ceilDiv(a.max[1], a.width))
	return i / columns, i % columns
}

// page reads count entries and their checksum, and returns the size of the page.
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

// checkedEntries verifies the checksum behind count entries, then adds them.
func (a array) checkedEntries(c *cursor, first, count uint64) error {
	at := c.pos
	if c.bytes(int(count) * a.entrySize); c.checksum() != nil {
		return c.err
	}
	c.pos = at
	return a.entries(c, first, count)
}

// bitSet reports whether bit i is set; the first is the highest of the first byte.
func bitSet(b []byte, i uint64) bool {
	return i/8 < uint64(len(b)) && b[i/8]&(0x80>>(i%8)) != 0
}

// extensible is an extensible array: some entries in its index block, then data blocks that grow, in super blocks.
// Super block s has 2^(s/2) data blocks, each of 2^((s+1)/2) times the least number of entries.
type extensible struct {
	array
	offsetBytes uint64 // bytes of a data block's place
	least       uint64 // entries of the smallest data block
	inIndex     uint64 // entries in the index block
	pointers    uint64 // least number of data blocks in a super block with a block of its own
	supers      uint64
}

func (e extensible) dataBlocks(s uint64) uint64 { return 1 << (s / 2) }
func (e extensible) perBlock(s uint64) uint64   { return e.least << ((s + 1) / 2) }

// extensibleArray reads the index of a data set of which one dimension can grow.
func (x *chunkIndex) extensibleArray() error {
	f := x.file
	c, err := f.block("extensible array", x.address, uint64(16+6*f.lengthSize+f.offsetSize))
	if err != nil {
		return err
	}
	c.magic("EAHD", 0)
	e := extensible{array: x.newArray(c)}
	if x.max[1] == ^uint64(0) {
		e.unlimited = 1
	}
	maxBits := c.uint(1)
	e.inIndex, e.least, e.pointers, e.pageBits = c.uint(1), c.uint(1), c.uint(1), c.uint(1)
	c.bytes(6 * f.lengthSize)
	index := f.address(c)
	switch {
	case c.checksum() != nil:
		return c.err
	case f.undefined(index):
		return nil
	case !powerOfTwo(e.least) || !powerOfTwo(e.pointers) || e.pageBits > 63 || maxBits > 64 || maxBits < log2(e.least)+2*log2(e.pointers):
		return c.damaged("announces 2^%d entries, blocks of %d, %d blocks, pages of 2^%d", maxBits, e.least, e.pointers, e.pageBits)
	}
	e.offsetBytes = (maxBits + 7) / 8
	e.supers = 1 + maxBits - log2(e.least)
	return e.indexBlock(index)
}

// indexBlock reads the first entries, and follows the addresses of data blocks and of super blocks.
func (e extensible) indexBlock(address uint64) error {
	direct, size := 2*(e.pointers-1), uint64(e.file.offsetSize)
	firstSuper := 2 * log2(e.pointers)
	pointers := direct + e.supers - firstSuper
	c, err := e.block("extensible array's index", "EAIB", address, 10+size+e.inIndex*uint64(e.entrySize)+pointers*size)
	if err != nil {
		return err
	}
	at := c.pos
	if c.bytes(c.left() - 4); c.checksum() != nil {
		return c.err
	}
	c.pos = at
	if err := e.entries(c, 0, e.inIndex); err != nil {
		return err
	}
	first, block := uint64(0), uint64(0)
	for s := range firstSuper {
		start := first
		for range e.dataBlocks(s) {
			// libhdf5 counts the blocks from the first of all here, not from the first of the super block.
			stored := start + block*e.perBlock(s)
			if err := e.dataBlock(dataBlock{e.file.address(c), first, stored, s}, nil); err != nil {
				return err
			}
			first += e.perBlock(s)
			block++
		}
	}
	for s := firstSuper; s < e.supers; s++ {
		if block := e.file.address(c); !e.file.undefined(block) {
			if err := e.superBlock(block, first, s); err != nil {
				return err
			}
		}
		first += e.dataBlocks(s) * e.perBlock(s)
	}
	return c.err
}

// superBlock reads the addresses of the data blocks of super block s; first is the number of their first entry, not
// counting those in the index block.
func (e extensible) superBlock(address, first, s uint64) error {
	blocks, bitmap := e.dataBlocks(s), uint64(0)
	pages := e.perBlock(s) >> e.pageBits
	if pages > 1 {
		bitmap = (pages + 7) / 8
	}
	size := uint64(e.file.offsetSize)
	if high, low := bits.Mul64(blocks, bitmap+size); high != 0 || low > e.file.size {
		return unsupportedf("an extensible array with a super block of %d blocks", blocks)
	}
	c, err := e.block("extensible array's super block", "EASB", address, 10+size+e.offsetBytes+blocks*(bitmap+size))
	if err != nil {
		return err
	}
	if at := c.uint(int(e.offsetBytes)); at != first {
		return c.damaged("begins at entry %d, not at %d", at, first)
	}
	at := c.pos
	if c.bytes(c.left() - 4); c.checksum() != nil {
		return c.err
	}
	c.pos = at
	written := c.bytes(int(blocks * bitmap))
	for b := range blocks {
		isWritten := func(page uint64) bool { return bitSet(written, b*pages+page) }
		start := first + b*e.perBlock(s)
		if err := e.dataBlock(dataBlock{e.file.address(c), start, start, s}, isWritten); err != nil {
			return err
		}
	}
	return nil
}

// dataBlock is the place of a data block of a super block: the number of its first entry, not counting those in the index
// block, and what stands in the block for it.
type dataBlock struct{ address, first, stored, super uint64 }

// dataBlock reads a data block, in pages where it is large. An undefined address stands for a block that was never
// written.
func (e extensible) dataBlock(b dataBlock, isWritten func(page uint64) bool) error {
	if e.file.undefined(b.address) {
		return nil
	}
	first, count, perPage := e.inIndex+b.first, e.perBlock(b.super), uint64(1)<<e.pageBits
	if count > e.file.size {
		return unsupportedf("an extensible array with a block of %d entries", count)
	}
	head, inBlock := 10+uint64(e.file.offsetSize)+e.offsetBytes, count*uint64(e.entrySize)
	paged := count > perPage && isWritten != nil
	if paged {
		inBlock = 0
	}
	c, err := e.block("extensible array's block", "EADB", b.address, head+inBlock)
	if err != nil {
		return err
	}
	if at := c.uint(int(e.offsetBytes)); at != b.stored {
		return c.damaged("begins at entry %d, not at %d", at, b.stored)
	}
	if !paged {
		return e.checkedEntries(c, first, count)
	}
	if c.checksum() != nil {
		return c.err
	}
	at, size := b.address+head, perPage*uint64(e.entrySize)+4
	for page := range count / perPage {
		if isWritten(page) {
			if _, err := e.page(at, first+page*perPage, perPage); err != nil {
				return err
			}
		}
		at += size
	}
	return nil
}
