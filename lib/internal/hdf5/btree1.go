package hdf5

import "fmt"

// Node types of version 1 B-trees.
const (
	treeOfGroup  = 0
	treeOfChunks = 1
)

// tree1 describes the content of a version 1 B-tree. leaf is called with each key and child of the leaf nodes, in order.
type tree1 struct {
	kind    uint64
	keySize int
	leaf    func(key *cursor, child uint64) error
	seen    map[uint64]bool
}

// btree1 visits the tree whose root node is at an address.
func (f *File) btree1(address uint64, t tree1) error {
	t.seen = map[uint64]bool{}
	level, err := f.level1(address)
	if err != nil {
		return err
	}
	return f.node1(address, level, t)
}

func (f *File) level1(address uint64) (uint64, error) {
	c, err := f.block("B-tree node", address, 8)
	if err != nil {
		return 0, err
	}
	return uint64(c.all[5]), nil
}

// node1 visits a node and its descendants. The level of a child must be one less, and no node may be visited twice.
func (f *File) node1(address, level uint64, t tree1) error {
	if t.seen[address] {
		return fmt.Errorf("damaged: B-tree node at address %d is its own descendant, or has two parents", address)
	}
	t.seen[address] = true
	head := uint64(8 + 2*f.offsetSize)
	c, err := f.block("B-tree node", address, head)
	if err != nil {
		return err
	}
	if got := c.bytes(4); string(got) != "TREE" {
		return c.damaged("begins with %q, not with TREE", got)
	}
	kind, gotLevel, count := c.uint(1), c.uint(1), c.uint(2)
	if kind != t.kind || gotLevel != level {
		return c.damaged("has type %d and level %d, not %d and %d", kind, gotLevel, t.kind, level)
	}
	if c, err = f.block("B-tree node", address, head+count*uint64(t.keySize+f.offsetSize)+uint64(t.keySize)); err != nil {
		return err
	}
	c.bytes(int(head))
	for range count {
		key := inBlock("B-tree key", c.bytes(t.keySize))
		child := f.address(c)
		switch {
		case level > 0:
			err = f.node1(child, level-1, t)
		case t.seen[child]:
			err = fmt.Errorf("damaged: B-tree at address %d has its child at address %d twice", address, child)
		default:
			t.seen[child] = true
			err = t.leaf(key, child)
		}
		if err != nil {
			return err
		}
	}
	return c.err
}
