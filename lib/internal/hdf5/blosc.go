package hdf5

import (
	"encoding/binary"

	"github.com/klauspost/compress/snappy"
)

// Flags of a Blosc chunk. The upper three bits of the flags are the compressor.
const (
	bloscShuffled    = 1 << 0
	bloscStored      = 1 << 1
	bloscBitshuffled = 1 << 2
	bloscUnsplit     = 1 << 4
)

const bloscHeader = 16

// bloscChunk holds the state of decoding a Blosc chunk (version 1 of the library, format version 2).
type bloscChunk struct {
	p         *pipeline
	in        []byte
	flags     byte
	element   int
	total     int
	blockSize int
}

// unblosc decodes Blosc. A chunk consists of a header, the offsets of the blocks and the blocks. A block may be split
// into one stream for each byte of an element.
func unblosc(p *pipeline, _ []uint32, in []byte) ([]byte, error) {
	if len(in) < bloscHeader || in[0] != 1 && in[0] != 2 {
		return nil, errDamaged
	}
	total, blockSize, size := binary.LittleEndian.Uint32(in[4:]), binary.LittleEndian.Uint32(in[8:]), binary.LittleEndian.Uint32(in[12:])
	b := bloscChunk{p, in, in[2], int(in[3]), int(total), int(blockSize)}
	switch {
	case uint64(total) > p.limit():
		return nil, errTooLong
	case uint64(size) != uint64(len(in)) || b.element == 0:
		return nil, errDamaged
	case b.flags&bloscStored != 0:
		return exactly(uint64(total))(in[bloscHeader:], nil)
	case b.blockSize == 0 && total > 0 || b.blockSize < 0:
		return nil, errDamaged
	}
	var out []byte
	for i := 0; len(out) < b.total; i++ {
		at := bloscHeader + 4*i
		if at+4 > len(in) {
			return nil, errDamaged
		}
		block, err := b.block(int(int32(binary.LittleEndian.Uint32(in[at:]))), min(b.blockSize, b.total-len(out)))
		if err != nil {
			return nil, err
		}
		out = append(out, block...)
	}
	return out, nil
}

// Only blocks of elements of at most 16 bytes, and of at least 128 elements, are split.
const (
	bloscMaxSplits   = 16
	bloscMinElements = 128
)

// block decodes the block of n bytes at an offset of the chunk.
func (b *bloscChunk) block(at, n int) ([]byte, error) {
	splits := 1
	if b.flags&bloscUnsplit == 0 && b.element <= bloscMaxSplits && n/b.element >= bloscMinElements && n == b.blockSize {
		splits = b.element
	}
	var block []byte
	for range splits {
		if at < bloscHeader || at > len(b.in)-4 {
			return nil, errDamaged
		}
		size := uint64(binary.LittleEndian.Uint32(b.in[at:]))
		if at += 4; size > uint64(len(b.in)-at) {
			return nil, errDamaged
		}
		stream, err := b.stream(b.in[at:at+int(size)], n/splits)
		if err != nil {
			return nil, err
		}
		block = append(block, stream...)
		at += int(size)
	}
	if len(block) != n {
		return nil, errDamaged
	}
	return b.unshuffle(block), nil
}

// unshuffle reverses the shuffle of a block. A block whose number of elements is not a multiple of eight was not
// bit-shuffled.
func (b *bloscChunk) unshuffle(block []byte) []byte {
	whole := len(block) / b.element * b.element
	out := append([]byte{}, block...)
	switch {
	case b.flags&bloscShuffled != 0 && b.element > 1:
		unshuffle(out, block, b.element)
	case b.flags&bloscBitshuffled != 0 && len(block)/b.element%8 == 0:
		bitunshuffle(out[:whole], block[:whole], b.element)
	}
	return out
}

// stream decompresses a stream to n bytes. A stream that compression does not shrink is stored uncompressed.
func (b *bloscChunk) stream(in []byte, n int) ([]byte, error) {
	if len(in) == n {
		return in, nil
	}
	exact := exactly(uint64(n))
	switch codec := b.flags >> 5; codec {
	case 0:
		return exact(unblosclz(in, n))
	case 1:
		return lz4Block(in, n)
	case 2:
		if size, err := snappy.DecodedLen(in); err != nil || size != n || n > 64*len(in) {
			return nil, errDamaged
		}
		return exact(snappy.Decode(nil, in))
	case 3:
		return exact(inflate(b.p, nil, in))
	case 4:
		return exact(unzstd(b.p, nil, in))
	default:
		return nil, unsupportedf("its compressor %d is not supported", codec)
	}
}

// farthest is the minimum distance that BloscLZ writes with two additional bytes.
const farthest = 8191

// unblosclz decodes BloscLZ, which is related to FastLZ. A byte below 32 begins a run of literal bytes, as the first
// byte always does. Any other byte begins a copy of earlier bytes, whose length is in the upper three bits and in
// following bytes while these are 255.
func unblosclz(in []byte, limit int) (out []byte, err error) {
	c := inBlock("BloscLZ stream", in)
	for head := int(c.uint(1)) & 31; c.err == nil; head = int(c.uint(1)) {
		if head < 32 {
			out = append(out, c.bytes(head+1)...)
		} else if n, distance := blosclzCopy(c, head); distance > len(out) || n > limit-len(out) {
			return nil, errDamaged
		} else {
			for range n {
				out = append(out, out[len(out)-distance])
			}
		}
		if c.left() == 0 || len(out) > limit {
			break
		}
	}
	return out, c.err
}

// blosclzCopy reads the length and the distance of a copy.
func blosclzCopy(c *cursor, head int) (n, distance int) {
	n, high := head>>5+2, head&31
	for more := 255; head>>5 == 7 && more == 255 && c.err == nil; {
		more = int(c.uint(1))
		n += more
	}
	low := int(c.uint(1))
	if low == 255 && high == 31 {
		b := c.bytes(2)
		if c.err != nil {
			return 0, 0
		}
		return n, int(b[0])<<8 + int(b[1]) + farthest + 1
	}
	return n, high<<8 + low + 1
}
