package hdf5

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// cursor reads the fields of a block. A read beyond the end of the block sets err and returns zeros.
type cursor struct {
	what string
	at   uint64 // address of the block
	all  []byte
	pos  int
	err  error
}

// block reads n bytes at an address. It compares n with the size of the file before it allocates memory.
func (f *File) block(what string, address, n uint64) (*cursor, error) {
	if address > f.size || n > f.size-address {
		return nil, fmt.Errorf("damaged: %s at address %d (%d bytes) reaches beyond the file's %d bytes", what, address, n, f.size)
	}
	b := make([]byte, n)
	if _, err := f.r.ReadAt(b, int64(f.base+address)); err != nil {
		return nil, fmt.Errorf("%s at address %d: %w", what, address, err)
	}
	return &cursor{what: what, at: address, all: b}, nil
}

// inBlock returns a cursor over bytes that are part of a block.
func inBlock(what string, b []byte) *cursor { return &cursor{what: what, all: b} }

func (c *cursor) left() int { return len(c.all) - c.pos }

// bytes returns the next n bytes, or nil if there are fewer.
func (c *cursor) bytes(n int) []byte {
	if n < 0 || n > c.left() {
		if c.err == nil {
			c.err = c.damaged("ends within a field")
		}
		c.pos = len(c.all)
		return nil
	}
	c.pos += n
	return c.all[c.pos-n : c.pos]
}

// uint reads a little-endian integer of at most 8 bytes.
func (c *cursor) uint(size int) uint64 {
	var b [8]byte
	copy(b[:], c.bytes(size))
	return binary.LittleEndian.Uint64(b[:])
}

// magic checks the signature of a block and the version after it.
func (c *cursor) magic(want string, version uint64) {
	if got := c.bytes(len(want)); c.err == nil && string(got) != want {
		c.err = c.damaged("begins with %q, not with %q", got, want)
	}
	if got := c.uint(1); c.err == nil && got != version {
		c.err = unsupportedf("%s of version %d", c.what, got)
	}
}

// checksum compares the next 4 bytes with the checksum of all bytes before them.
func (c *cursor) checksum() error {
	sum := lookup3(c.all[:c.pos])
	if stored := uint32(c.uint(4)); c.err == nil && stored != sum {
		c.err = c.damaged("checksum is %#08x, its bytes give %#08x", stored, sum)
	}
	return c.err
}

func (c *cursor) damaged(format string, args ...any) error {
	return fmt.Errorf("damaged: %s at address %d %s", c.what, c.at, fmt.Sprintf(format, args...))
}

// lookup3 returns Bob Jenkins' lookup3 hash (hashlittle with initial value 0), the checksum of metadata in the format.
func lookup3(b []byte) uint32 {
	x := uint32(0xdeadbeef) + uint32(len(b))
	y, z := x, x
	for ; len(b) > 12; b = b[12:] {
		x += binary.LittleEndian.Uint32(b)
		y += binary.LittleEndian.Uint32(b[4:])
		z += binary.LittleEndian.Uint32(b[8:])
		x, y, z = mix(x, y, z)
	}
	if len(b) == 0 {
		return z
	}
	var tail [12]byte
	copy(tail[:], b)
	x += binary.LittleEndian.Uint32(tail[:])
	y += binary.LittleEndian.Uint32(tail[4:])
	z += binary.LittleEndian.Uint32(tail[8:])
	return final(x, y, z)
}

func mix(a, b, c uint32) (uint32, uint32, uint32) {
	a = (a - c) ^ bits.RotateLeft32(c, 4)
	c += b
	b = (b - a) ^ bits.RotateLeft32(a, 6)
	a += c
	c = (c - b) ^ bits.RotateLeft32(b, 8)
	b += a
	a = (a - c) ^ bits.RotateLeft32(c, 16)
	c += b
	b = (b - a) ^ bits.RotateLeft32(a, 19)
	a += c
	c = (c - b) ^ bits.RotateLeft32(b, 4)
	b += a
	return a, b, c
}

func final(a, b, c uint32) uint32 {
	c = (c ^ b) - bits.RotateLeft32(b, 14)
	a = (a ^ c) - bits.RotateLeft32(c, 11)
	b = (b ^ a) - bits.RotateLeft32(a, 25)
	c = (c ^ b) - bits.RotateLeft32(b, 16)
	a = (a ^ c) - bits.RotateLeft32(c, 4)
	b = (b ^ a) - bits.RotateLeft32(a, 14)
	return (c ^ b) - bits.RotateLeft32(b, 24)
}
