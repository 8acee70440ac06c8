package hdf5

import (
	"encoding/binary"
	"errors"
)

// Indexes into the values of the Bitshuffle filter, which follow its version (2 values): the size of an element, the number
// of elements of a block (0 means the default) and the compression of each block.
const (
	bitshuffleElement = 2
	bitshuffleBlock   = 3
	bitshuffleCodec   = 4

	bitshuffleLZ4  = 2
	bitshuffleZstd = 3
)

// bitunshuffleFilter decodes github.com/kiyo-masui/bitshuffle. Blocks consist of whole groups of 8 elements, whose bits
// are shuffled. Blocks may also be compressed; then they follow the total size (8 bytes) and the size of a block (4
// bytes), both big-endian. Trailing elements that do not form a whole group are stored unchanged.
func bitunshuffleFilter(p *pipeline, values []uint32, in []byte) ([]byte, error) {
	if len(values) <= bitshuffleElement || values[bitshuffleElement] == 0 || values[bitshuffleElement] > 1<<16 {
		return nil, errors.New("damaged: no element size")
	}
	size := uint64(values[bitshuffleElement])
	b := bitshuffled{p: p, in: in, element: size, total: uint64(len(in)), block: defaultBlock(size)}
	if len(values) > bitshuffleBlock && values[bitshuffleBlock] != 0 {
		b.block = uint64(values[bitshuffleBlock])
	}
	if len(values) > bitshuffleCodec {
		b.codec = values[bitshuffleCodec]
	}
	if b.codec != 0 {
		if len(in) < 12 {
			return nil, errDamaged
		}
		b.total, b.block, b.in = binary.BigEndian.Uint64(in), uint64(binary.BigEndian.Uint32(in[8:]))/size, in[12:]
	}
	switch {
	case b.total > p.limit():
		return nil, errTooLong
	case b.block == 0 || b.block%8 != 0 || b.total%size != 0:
		return nil, errDamaged
	}
	return b.decode()
}

// defaultBlock returns the default number of elements of a block: 8192 bytes, but at least 128 elements.
func defaultBlock(size uint64) uint64 { return max(8192/size/8*8, 128) }

// bitshuffled holds the state of decoding a chunk. block is a number of elements, total a number of bytes.
type bitshuffled struct {
	p                     *pipeline
	in, out               []byte
	codec                 uint32
	element, block, total uint64
}

func (b *bitshuffled) decode() ([]byte, error) {
	for left := b.total / b.element; left >= 8; {
		n := min(b.block, left/8*8)
		block, err := b.next(n * b.element)
		if err != nil {
			return nil, err
		}
		part := make([]byte, len(block))
		bitunshuffle(part, block, int(b.element))
		b.out = append(b.out, part...)
		left -= n
	}
	if uint64(len(b.in)) < b.total-uint64(len(b.out)) {
		return nil, errDamaged
	}
	return append(b.out, b.in[:b.total-uint64(len(b.out))]...), nil
}

// next reads a block from the input and decompresses it to n bytes.
func (b *bitshuffled) next(n uint64) ([]byte, error) {
	if b.codec == 0 {
		block := b.in[:n]
		b.in = b.in[n:]
		return block, nil
	}
	if len(b.in) < 4 || uint64(binary.BigEndian.Uint32(b.in)) > uint64(len(b.in)-4) {
		return nil, errDamaged
	}
	end := 4 + binary.BigEndian.Uint32(b.in)
	block := b.in[4:end]
	b.in = b.in[end:]
	switch b.codec {
	case bitshuffleLZ4:
		return lz4Block(block, int(n))
	case bitshuffleZstd:
		return exactly(n)(unzstd(b.p, nil, block))
	}
	return nil, unsupportedf("its compression of type %d is not supported", b.codec)
}

// exactly returns a function that rejects results of a length other than n.
func exactly(n uint64) func([]byte, error) ([]byte, error) {
	return func(b []byte, err error) ([]byte, error) {
		if err == nil && uint64(len(b)) != n {
			err = errDamaged
		}
		return b, err
	}
}

// bitunshuffle restores elements of size bytes from shuffled bits: the lowest bits of all elements, eight to a byte,
// then the next bits, and so on. The number of elements must be a multiple of eight.
func bitunshuffle(out, in []byte, size int) {
	groups := len(in) / size / 8
	for j := range size {
		for g := range groups {
			var x uint64
			for k := range 8 {
				x |= uint64(in[(8*j+k)*groups+g]) << (8 * k)
			}
			x = transposeBits(x)
			for i := range 8 {
				out[(8*g+i)*size+j] = byte(x >> (8 * i))
			}
		}
	}
}

// transposeBits transposes a matrix of 8 × 8 bits by swapping blocks of 1, 2 and 4 bits.
func transposeBits(x uint64) uint64 {
	t := (x ^ x>>7) & 0x00aa00aa00aa00aa
	x ^= t ^ t<<7
	t = (x ^ x>>14) & 0x0000cccc0000cccc
	x ^= t ^ t<<14
	t = (x ^ x>>28) & 0x00000000f0f0f0f0
	return x ^ t ^ t<<28
}
