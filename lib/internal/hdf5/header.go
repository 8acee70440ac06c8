package hdf5

import "fmt"

// Kinds of header messages.
const (
	messageDataspace   = 0x01
	messageLinkInfo    = 0x02
	messageDatatype    = 0x03
	messageOldFill     = 0x04
	messageFill        = 0x05
	messageLink        = 0x06
	messageExternal    = 0x07
	messageLayout      = 0x08
	messageFilters     = 0x0b
	messageContinue    = 0x10
	messageSymbolTable = 0x11
	messageDriver      = 0x14
	messageCacheImage  = 0x18
)

// Flags of a header message.
const (
	flagShared        = 1 << 1
	flagFailIfUnknown = 1 << 7
	lastKnownMessage  = 0x18
)

// message is a header message.
type message struct {
	kind  uint64
	flags uint64
	body  []byte
}

// headerReader collects the messages of an object header from its blocks.
type headerReader struct {
	file     *File
	version  uint64
	flags    uint64
	messages []message
	blocks   [][2]uint64 // address and size of the blocks to read
	seen     map[uint64]bool
	size     uint64 // total size of the blocks that were read
}

// header returns all messages of the object header at an address.
func (f *File) header(address uint64) ([]message, error) {
	start, err := f.block("object header", address, min(16, f.size-min(f.size, address)))
	if err != nil {
		return nil, err
	}
	h := headerReader{file: f, seen: map[uint64]bool{}}
	if string(start.all[:min(4, len(start.all))]) == "OHDR" {
		err = h.first2(address)
	} else {
		err = h.first1(start)
	}
	for i := 0; err == nil && i < len(h.blocks); i++ {
		err = h.next(h.blocks[i][0], h.blocks[i][1])
	}
	return h.messages, err
}

// first1 reads the first block of a version 1 header and its continuation blocks. They must hold as many messages as the
// header announces.
func (h *headerReader) first1(c *cursor) error {
	h.version = c.uint(1)
	if c.err == nil && h.version != 1 {
		return c.damaged("is no object header: version %d", h.version)
	}
	c.bytes(1)
	count := c.uint(2)
	c.bytes(4)
	size := c.uint(4)
	if c.err != nil {
		return c.err
	}
	h.blocks = append(h.blocks, [2]uint64{c.at + 16, size})
	for i := 0; i < len(h.blocks); i++ {
		if err := h.next(h.blocks[i][0], h.blocks[i][1]); err != nil {
			return err
		}
	}
	h.blocks = nil
	if uint64(len(h.messages)) != count {
		return c.damaged("holds %d messages, announces %d", len(h.messages), count)
	}
	return nil
}

// first2 reads the first block of a version 2 header.
func (h *headerReader) first2(address uint64) error {
	f := h.file
	c, err := f.block("object header", address, min(34, f.size-address))
	if err != nil {
		return err
	}
	c.magic("OHDR", 2)
	h.version, h.flags = 2, c.uint(1)
	if h.flags&(1<<5) != 0 {
		c.bytes(16)
	}
	if h.flags&(1<<4) != 0 {
		c.bytes(4)
	}
	size := c.uint(1 << (h.flags & 3))
	if c.err != nil {
		return c.err
	}
	prefix := c.pos
	if size > f.size {
		return c.damaged("announces %d bytes, more than the file has", size)
	}
	if c, err = f.block("object header", address, uint64(prefix)+size+4); err != nil {
		return err
	}
	c.pos = prefix
	return h.parse(c, len(c.all)-4)
}

// next reads one continuation block, or the first block of a version 1 header.
func (h *headerReader) next(address, size uint64) error {
	if h.seen[address] {
		return fmt.Errorf("damaged: object header's block at address %d continues itself", address)
	}
	h.seen[address] = true
	if h.size += min(size, h.file.size); h.size > h.file.size {
		return fmt.Errorf("damaged: object header's blocks overlap, they hold more bytes than the file")
	}
	c, err := h.file.block("object header's block", address, size)
	if err != nil {
		return err
	}
	if h.version == 1 {
		return h.parse(c, len(c.all))
	}
	if got := c.bytes(4); c.err == nil && string(got) != "OCHK" {
		return c.damaged("begins with %q, not with OCHK", got)
	}
	return h.parse(c, len(c.all)-4)
}

// parse reads messages up to end, the position of the checksum in a version 2 block.
func (h *headerReader) parse(c *cursor, end int) error {
	if h.version == 2 {
		at := c.pos
		if c.bytes(end - at); c.checksum() != nil {
			return c.err
		}
		c.pos = at
	}
	for size := h.prefixSize(); c.err == nil && c.pos+size <= end; {
		m := h.message(c)
		if c.err == nil && c.pos > end {
			return c.damaged("has a message that reaches beyond it")
		}
		if err := h.add(m); c.err == nil && err != nil {
			return err
		}
	}
	return c.err
}

// prefixSize returns the size of the fields before the body of a message.
func (h *headerReader) prefixSize() int {
	switch {
	case h.version == 1:
		return 8
	case h.flags&(1<<2) != 0:
		return 6
	}
	return 4
}

func (h *headerReader) message(c *cursor) (m message) {
	if h.version == 1 {
		m.kind = c.uint(2)
		size := c.uint(2)
		m.flags = c.uint(1)
		c.bytes(3)
		m.body = c.bytes(int(size))
		return m
	}
	m.kind = c.uint(1)
	size := c.uint(2)
	m.flags = c.uint(1)
	if h.flags&(1<<2) != 0 {
		c.bytes(2)
	}
	m.body = c.bytes(int(size))
	return m
}

func (h *headerReader) add(m message) error {
	if m.kind > lastKnownMessage && m.flags&flagFailIfUnknown != 0 {
		return unsupportedf("header message of type %#x, which a reader must know", m.kind)
	}
	h.messages = append(h.messages, m)
	if m.kind != messageContinue {
		return nil
	}
	c := inBlock("continuation message", m.body)
	address, size := h.file.address(c), h.file.length(c)
	h.blocks = append(h.blocks, [2]uint64{address, size})
	return c.err
}

// find returns the only message of a kind. ok is false if there is none; several are an error.
func find(messages []message, kind uint64) (m message, ok bool, err error) {
	for _, one := range messages {
		if one.kind != kind {
			continue
		}
		if ok {
			return m, ok, fmt.Errorf("damaged: two header messages of type %#x", kind)
		}
		m, ok = one, true
	}
	return m, ok, nil
}
