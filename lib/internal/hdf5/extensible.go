package hdf5

import "math/bits"

// extensible is an extensible array. Its first entries are in the index block. The other entries are in data blocks of
// growing size, grouped into super blocks. Super block s has 2^(s/2) data blocks of 2^((s+1)/2)·least entries each.
type extensible struct {
	array
	offsetBytes uint64 // size of the offset field of a data block
	least       uint64 // number of entries of the smallest data block
	inIndex     uint64 // number of entries in the index block
	pointers    uint64 // minimum number of data blocks of a super block that is stored as a block
	supers      uint64
}

func (e extensible) dataBlocks(s uint64) uint64 { return 1 << (s / 2) }
func (e extensible) perBlock(s uint64) uint64   { return e.least << ((s + 1) / 2) }

// extensibleArray reads the index of a data set with one dimension that can grow.
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

// indexBlock reads the first entries, and then the data blocks and super blocks whose addresses follow.
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
			// Here libhdf5 counts the blocks from the first data block of the array, not of the super block.
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

// superBlock reads the data blocks of super block s. first is the number of its first entry, not counting those in the
// index block.
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

// dataBlock is a data block of a super block: its address, the number of its first entry (not counting those in the
// index block), the number stored in the block, and its super block.
type dataBlock struct{ address, first, stored, super uint64 }

// dataBlock reads a data block, page by page if it is large. The address is undefined if the block was never written.
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
