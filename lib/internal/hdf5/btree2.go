package hdf5

import (
	"fmt"
	"math/bits"
)

// Record types of version 2 B-trees.
const (
	treeOfNames          = 5
	treeOfPlainChunks    = 10
	treeOfFilteredChunks = 11
)

// tree2 holds the state of visiting a version 2 B-tree.
type tree2 struct {
	file               *File
	kind               uint64
	nodeSize, record   uint64
	recordLimits       []uint64 // maximum number of records of a node, by level
	totalSizes         []int    // size of the number of records below a node, by level
	visit              func(record *cursor) error
	seen               map[uint64]bool
	records, announced uint64
}

// btree2 calls visit with each record of the tree whose header is at an address.
func (f *File) btree2(address, kind uint64, visit func(record *cursor) error) error {
	c, err := f.block("B-tree header", address, uint64(22+f.offsetSize+f.lengthSize))
	if err != nil {
		return err
	}
	c.magic("BTHD", 0)
	t := tree2{file: f, kind: c.uint(1), nodeSize: c.uint(4), record: c.uint(2), visit: visit, seen: map[uint64]bool{}}
	depth := c.uint(2)
	c.bytes(2)
	root, count := f.address(c), c.uint(2)
	t.announced = f.length(c)
	switch {
	case c.checksum() != nil:
		return c.err
	case t.kind != kind || t.record == 0 || depth > 64:
		return c.damaged("has records of type %d (%d bytes), depth %d; type %d is expected", t.kind, t.record, depth, kind)
	case f.undefined(root):
		return nil
	case t.nodeSize > f.size || t.nodeSize < 16:
		return c.damaged("announces nodes of %d bytes", t.nodeSize)
	}
	t.limits(int(depth))
	if err := t.node(root, count, int(depth)); err != nil {
		return err
	}
	if t.records != t.announced {
		return c.damaged("announces %d records, has %d", t.announced, t.records)
	}
	return nil
}

// encodedSize returns the number of bytes needed for numbers up to limit.
func encodedSize(limit uint64) int { return max(1, (bits.Len64(limit)+7)/8) }

// nodeOverhead is the size of the signature, version, type and checksum of a node.
const nodeOverhead = 10

// limits computes the maximum number of records of a node on each level, which determines the width of the fields of its
// pointers.
func (t *tree2) limits(depth int) {
	t.recordLimits, t.totalSizes = []uint64{(t.nodeSize - nodeOverhead) / t.record}, []int{0}
	total := t.recordLimits[0]
	for level := 1; level <= depth; level++ {
		pointer := uint64(t.pointerSize(level))
		limit := (t.nodeSize - min(t.nodeSize, nodeOverhead+pointer)) / (t.record + pointer)
		high, low := bits.Mul64(limit+1, total)
		if total = low + limit; high > 0 || total < limit {
			total = ^uint64(0)
		}
		t.recordLimits = append(t.recordLimits, limit)
		t.totalSizes = append(t.totalSizes, encodedSize(total))
	}
}

// pointerSize returns the size of a child pointer in a node of a level above 0.
func (t *tree2) pointerSize(level int) int {
	return t.file.offsetSize + encodedSize(t.recordLimits[0]) + t.totalSizes[level-1]
}

// node visits a node of count records and its descendants.
func (t *tree2) node(address, count uint64, level int) error {
	if t.seen[address] {
		return fmt.Errorf("damaged: B-tree node at address %d is its own descendant, or has two parents", address)
	}
	t.seen[address] = true
	if count > t.recordLimits[level] {
		return fmt.Errorf("damaged: B-tree node at address %d is said to hold %d records; %d fit", address, count, t.recordLimits[level])
	}
	pointerBytes := uint64(0)
	if level > 0 {
		pointerBytes = (count + 1) * uint64(t.pointerSize(level))
	}
	c, err := t.file.block("B-tree node", address, nodeOverhead+count*t.record+pointerBytes)
	if err != nil {
		return err
	}
	if level == 0 {
		c.magic("BTLF", 0)
	} else {
		c.magic("BTIN", 0)
	}
	if kind := c.uint(1); c.err == nil && kind != t.kind {
		return c.damaged("has records of type %d, not %d", kind, t.kind)
	}
	records := c.bytes(int(count * t.record))
	pointers := c.bytes(int(pointerBytes))
	if err := c.checksum(); err != nil {
		return err
	}
	return t.inOrder(inBlock("B-tree record", records), inBlock("B-tree pointers", pointers), level)
}

// inOrder visits the children of a node and, between them, its records.
func (t *tree2) inOrder(records, pointers *cursor, level int) error {
	for {
		if level > 0 {
			child, count := t.file.address(pointers), pointers.uint(encodedSize(t.recordLimits[0]))
			pointers.bytes(t.totalSizes[level-1])
			if err := t.node(child, count, level-1); err != nil {
				return err
			}
		}
		if records.left() == 0 {
			return pointers.err
		}
		t.records++
		record := inBlock("B-tree record", records.bytes(int(t.record)))
		if err := t.visit(record); err != nil {
			return err
		}
		if record.err != nil {
			return record.err
		}
	}
}
