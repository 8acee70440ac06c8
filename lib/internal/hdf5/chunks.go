package hdf5

import (
	"cmp"
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// chunk is a chunk of a matrix: its first row and column and the location of its bytes. Filter i was skipped if bit i of
// mask is set.
type chunk struct {
	row, column   uint64
	address, size uint64
	mask          uint64
}

func (c chunk) String() string {
	return fmt.Sprintf("chunk at row %d, column %d (address %d)", c.row, c.column, c.address)
}

// chunkIndex collects the chunks of a data set from its index.
type chunkIndex struct {
	reader
	pipeline      pipeline
	height, width uint64 // rows and columns of a chunk
	chunkBytes    uint64
	stored        uint64 // total size of the chunks found so far
	chunks        []chunk
}

// chunked visits the chunks in row-major order. Elements that were never written have the fill value.
func (r reader) chunked() (unwritten uint64, err error) {
	x, err := r.newIndex()
	if err != nil {
		return 0, err
	}
	if !r.file.undefined(r.address) {
		if err := x.find(); err != nil {
			return 0, fmt.Errorf("chunk index: %w", err)
		}
	}
	if err := x.sort(); err != nil {
		return 0, err
	}
	unwritten = r.Dims[0] * r.Dims[1]
	for _, c := range x.chunks {
		a := x.visible(c.row, c.column)
		unwritten -= a.rows * a.columns
	}
	if err := r.checkUnwritten(unwritten); err != nil {
		return 0, err
	}
	return unwritten, x.read()
}

func (r reader) newIndex() (*chunkIndex, error) {
	if len(r.chunk) != 3 || r.chunk[2] != uint64(r.Type.Size) || r.chunk[0] == 0 || r.chunk[1] == 0 {
		return nil, fmt.Errorf("damaged: chunks of %d (rows, columns, bytes of an element) for %s %s", r.chunk, r.shape(), r.Type.Name)
	}
	high, n := bits.Mul64(r.chunk[0], r.chunk[1])
	if high != 0 || n > 1<<48 {
		return nil, fmt.Errorf("damaged: chunks of %d × %d numbers", r.chunk[0], r.chunk[1])
	}
	p, err := r.file.pipeline(r.messages)
	p.chunkBytes = n * r.chunk[2]
	return &chunkIndex{reader: r, pipeline: p, height: r.chunk[0], width: r.chunk[1], chunkBytes: n * r.chunk[2]}, err
}

// find reads the chunks from the kind of index that the layout names.
func (x *chunkIndex) find() error {
	switch x.index {
	case indexTree1:
		return x.fromTree1()
	case indexSingle:
		return x.single()
	case indexImplicit:
		return x.implicit()
	case indexFixed:
		return x.fixedArray()
	case indexExtensible:
		return x.extensibleArray()
	}
	return x.fromTree2()
}

// add checks a chunk and appends it.
func (x *chunkIndex) add(c chunk) error {
	switch {
	case c.row%x.height != 0 || c.column%x.width != 0 || c.row >= x.Dims[0] || c.column >= x.Dims[1]:
		return fmt.Errorf("damaged: %s is not a place in %s numbers in chunks of %d × %d", c, x.shape(), x.height, x.width)
	case c.address > x.file.size || c.size > x.file.size-c.address:
		return fmt.Errorf("damaged: %s of %d bytes reaches beyond the file", c, c.size)
	}
	if x.flags&flagPartialUnfiltered != 0 && x.cut(c) {
		c.mask = ^uint64(0)
	}
	x.stored += c.size
	if x.stored > x.file.size {
		return errors.New("damaged: the chunks overlap, they hold more bytes than the file")
	}
	x.chunks = append(x.chunks, c)
	return nil
}

// cut reports whether a chunk extends beyond the data set.
func (x *chunkIndex) cut(c chunk) bool {
	a := x.visible(c.row, c.column)
	return a.rows < x.height || a.columns < x.width
}

// visible returns the part of a chunk that lies in the data set.
func (x *chunkIndex) visible(row, column uint64) area {
	return area{row, column, min(x.height, x.Dims[0]-row), min(x.width, x.Dims[1]-column)}
}

// sort sorts the chunks by row and column. Two chunks at the same place are an error.
func (x *chunkIndex) sort() error {
	slices.SortFunc(x.chunks, func(a, b chunk) int {
		return cmp.Or(cmp.Compare(a.row, b.row), cmp.Compare(a.column, b.column))
	})
	for i := 1; i < len(x.chunks); i++ {
		if a, b := x.chunks[i-1], x.chunks[i]; a.row == b.row && a.column == b.column {
			return fmt.Errorf("damaged: %s is there twice", a)
		}
	}
	return nil
}

// read visits all chunks of the grid, including those that were never written.
func (x *chunkIndex) read() error {
	rest := x.chunks
	for row := uint64(0); row < x.Dims[0]; row += x.height {
		for column := uint64(0); column < x.Dims[1]; column += x.width {
			var err error
			if len(rest) > 0 && rest[0].row == row && rest[0].column == column {
				err = x.visitChunk(rest[0])
				rest = rest[1:]
			} else {
				err = x.fill(x.visible(row, column))
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// visitChunk decodes a chunk and visits its rows.
func (x *chunkIndex) visitChunk(c chunk) error {
	stored, err := x.file.block("chunk", c.address, c.size)
	if err != nil {
		return err
	}
	b, err := x.pipeline.decode(stored.all, c.mask)
	if err != nil {
		return fmt.Errorf("%s: %w", c, err)
	}
	if uint64(len(b)) != x.chunkBytes {
		return fmt.Errorf("damaged: %s decodes to %d bytes, %d are expected", c, len(b), x.chunkBytes)
	}
	a, size := x.visible(c.row, c.column), uint64(x.Type.Size)
	for row := range a.rows {
		at := row * x.width * size
		if err := x.visit(c.row+row, c.column, b[at:at+a.columns*size]); err != nil {
			return err
		}
	}
	return nil
}

// fromTree1 reads a version 1 B-tree. Its keys must ascend, because searching the tree requires it.
func (x *chunkIndex) fromTree1() error {
	keySize := 8 + 8*3
	return x.file.btree1(x.address, tree1{kind: treeOfChunks, keySize: keySize, leaf: func(key *cursor, child uint64) error {
		c := chunk{address: child, size: key.uint(4), mask: key.uint(4), row: key.uint(8), column: key.uint(8)}
		if n := len(x.chunks); n > 0 && cmp.Or(cmp.Compare(x.chunks[n-1].row, c.row), cmp.Compare(x.chunks[n-1].column, c.column)) >= 0 {
			return fmt.Errorf("damaged: %s comes after %s", c, x.chunks[n-1])
		}
		if element := key.uint(8); element != 0 {
			return fmt.Errorf("damaged: %s begins within an element", c)
		}
		return x.add(c)
	}})
}

// fromTree2 reads a version 2 B-tree, whose records count in chunks instead of elements.
func (x *chunkIndex) fromTree2() error {
	kind := uint64(treeOfPlainChunks)
	if x.pipeline.filters != nil {
		kind = treeOfFilteredChunks
	}
	return x.file.btree2(x.address, kind, func(record *cursor) error {
		c := x.entry(record, record.left()-2*8)
		row, column := record.uint(8), record.uint(8)
		if record.err != nil {
			return record.err
		}
		return x.addScaled(c, row, column)
	})
}

// addScaled adds a chunk whose row and column are counted in chunks.
func (x *chunkIndex) addScaled(c chunk, row, column uint64) error {
	if row > x.Dims[0]/x.height || column > x.Dims[1]/x.width {
		return fmt.Errorf("damaged: chunk %d, %d of %s numbers in chunks of %d × %d", row, column, x.shape(), x.height, x.width)
	}
	c.row, c.column = row*x.height, column*x.width
	return x.add(c)
}

// entry reads an index entry of size bytes: an address and, for filtered chunks, the stored size and the filter mask.
func (x *chunkIndex) entry(c *cursor, size int) chunk {
	k := chunk{address: x.file.address(c), size: x.chunkBytes}
	if x.pipeline.filters != nil {
		k.size = c.uint(min(8, max(0, size-x.file.offsetSize-4)))
		k.mask = c.uint(4)
	}
	return k
}

// single reads the index of a data set stored in one chunk.
func (x *chunkIndex) single() error {
	if x.Dims[0] > x.height || x.Dims[1] > x.width {
		return fmt.Errorf("damaged: %s numbers in a single chunk of %d × %d", x.shape(), x.height, x.width)
	}
	c := chunk{address: x.address, size: x.chunkBytes}
	if x.flags&flagSingleFiltered != 0 {
		c.size, c.mask = x.singleSize, x.singleMask
	}
	return x.add(c)
}

// implicit computes the addresses of chunks that are stored consecutively, in the number that the maximum shape
// requires.
func (x *chunkIndex) implicit() error {
	columns := ceilDiv(x.max[1], x.width)
	for row := uint64(0); row*x.height < x.Dims[0]; row++ {
		for column := uint64(0); column*x.width < x.Dims[1]; column++ {
			high, n := bits.Mul64(row, columns)
			high2, at := bits.Mul64(n+column, x.chunkBytes)
			if high != 0 || high2 != 0 || at > x.file.size {
				return errors.New("damaged: the chunks reach beyond the file")
			}
			if err := x.addScaled(chunk{address: x.address + at, size: x.chunkBytes}, row, column); err != nil {
				return err
			}
		}
	}
	return nil
}

func ceilDiv(a, b uint64) uint64 { return a/b + min(1, a%b) }
