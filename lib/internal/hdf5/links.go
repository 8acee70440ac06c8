package hdf5

import (
	"bytes"
	"fmt"
)

// link is a name in a group. A hard link has an address; other links have soft or external set.
type link struct {
	name     string
	address  uint64
	soft     string // path of a soft link
	external string // description of a target outside of this file
}

// links returns all links of the group whose header is at an address. An object that is not a group has none.
func (f *File) links(address uint64) ([]link, error) {
	messages, err := f.header(address)
	if err != nil {
		return nil, err
	}
	if m, ok, err := find(messages, messageSymbolTable); ok || err != nil {
		return f.symbolTable(m, err)
	}
	var all []link
	for _, m := range messages {
		if m.kind == messageLink {
			l, err := f.link(m.body)
			if err != nil {
				return nil, err
			}
			all = append(all, l)
		}
	}
	m, ok, err := find(messages, messageLinkInfo)
	if err != nil || !ok {
		return all, err
	}
	dense, err := f.denseLinks(m.body)
	return append(all, dense...), err
}

// link parses a link message.
func (f *File) link(body []byte) (l link, err error) {
	c := inBlock("link message", body)
	if version := c.uint(1); c.err == nil && version != 1 {
		return l, unsupportedf("link message of version %d", version)
	}
	flags := c.uint(1)
	kind := uint64(0)
	if flags&(1<<3) != 0 {
		kind = c.uint(1)
	}
	if flags&(1<<2) != 0 {
		c.bytes(8)
	}
	if flags&(1<<4) != 0 {
		c.bytes(1)
	}
	size := c.uint(1 << (flags & 3))
	l.name = string(c.bytes(int(min(size, 1<<32))))
	switch kind {
	case 0:
		l.address = f.address(c)
	case 1:
		l.soft = string(c.bytes(int(c.uint(2))))
	case 64:
		l.external = externalFile(c.bytes(int(c.uint(2))))
	default:
		l.external = fmt.Sprintf("a user-defined link of type %d", kind)
	}
	return l, c.err
}

// externalFile returns a description of an external link with the name of its file. The value consists of a byte, the
// file and a path, each NUL-terminated.
func externalFile(value []byte) string {
	name, _, _ := bytes.Cut(value[min(1, len(value)):], []byte{0})
	return fmt.Sprintf("an external link to the file %q", name)
}

// denseLinks reads links stored in a fractal heap and indexed by a B-tree of the hashes of their names.
func (f *File) denseLinks(body []byte) (all []link, err error) {
	c := inBlock("link info message", body)
	if version := c.uint(1); c.err == nil && version != 0 {
		return nil, unsupportedf("link info message of version %d", version)
	}
	if flags := c.uint(1); flags&1 != 0 {
		c.bytes(8)
	}
	heapAddress, names := f.address(c), f.address(c)
	if c.err != nil || f.undefined(heapAddress) {
		return nil, c.err
	}
	h, err := f.heap(heapAddress)
	if err != nil {
		return nil, err
	}
	err = f.btree2(names, treeOfNames, func(record *cursor) error {
		record.bytes(4)
		object, err := h.object(record.bytes(record.left()))
		if err != nil {
			return err
		}
		l, err := f.link(object)
		all = append(all, l)
		return err
	})
	return all, err
}

// symbolTable reads the links of an old-style group: a B-tree of symbol nodes, with the names in a local heap.
func (f *File) symbolTable(m message, err error) ([]link, error) {
	if err != nil {
		return nil, err
	}
	c := inBlock("symbol table message", m.body)
	tree, heapAddress := f.address(c), f.address(c)
	if c.err != nil {
		return nil, c.err
	}
	names, err := f.localHeap(heapAddress)
	if err != nil {
		return nil, err
	}
	var all []link
	err = f.btree1(tree, tree1{kind: treeOfGroup, keySize: f.lengthSize, leaf: func(_ *cursor, node uint64) error {
		links, err := f.symbolNode(node, names)
		all = append(all, links...)
		if err == nil && uint64(len(all)) > f.size {
			err = fmt.Errorf("damaged: symbol nodes overlap, they hold more links than the file can")
		}
		return err
	}})
	return all, err
}

// localHeap reads the segment that holds the names of an old-style group.
func (f *File) localHeap(address uint64) ([]byte, error) {
	c, err := f.block("local heap", address, uint64(8+2*f.lengthSize+f.offsetSize))
	if err != nil {
		return nil, err
	}
	c.magic("HEAP", 0)
	c.bytes(3)
	size := f.length(c)
	f.length(c)
	segment := f.address(c)
	if c.err != nil {
		return nil, c.err
	}
	if c, err = f.block("local heap's names", segment, size); err != nil {
		return nil, err
	}
	return c.all, nil
}

func (f *File) symbolNode(address uint64, names []byte) (all []link, err error) {
	entry := uint64(f.lengthSize + f.offsetSize + 24)
	c, err := f.block("symbol node", address, 8)
	if err != nil {
		return nil, err
	}
	c.magic("SNOD", 1)
	c.bytes(1)
	count := c.uint(2)
	if c.err != nil {
		return nil, c.err
	}
	if c, err = f.block("symbol node", address, 8+count*entry); err != nil {
		return nil, err
	}
	c.bytes(8)
	for range count {
		l, err := f.symbol(c, names)
		if err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	return all, nil
}

// symbol parses an entry of a symbol node.
func (f *File) symbol(c *cursor, names []byte) (l link, err error) {
	offset := f.length(c)
	l.address = f.address(c)
	kind := c.uint(4)
	c.bytes(4)
	scratch := inBlock("symbol", c.bytes(16))
	if c.err != nil {
		return l, c.err
	}
	if l.name, err = heapString(c, names, offset); err == nil && kind == 2 {
		l.soft, err = heapString(c, names, scratch.uint(4))
	}
	return l, err
}

// heapString returns the NUL-terminated string at an offset of a local heap.
func heapString(c *cursor, names []byte, offset uint64) (string, error) {
	if offset < uint64(len(names)) {
		if s, _, ok := bytes.Cut(names[offset:], []byte{0}); ok {
			return string(s), nil
		}
	}
	return "", c.damaged("names offset %d of a heap of %d bytes", offset, len(names))
}
