package hdf5

import (
	"bytes"
	"compress/bzip2"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// decoder reverses one filter.
type decoder func(p *pipeline, values []uint32, in []byte) ([]byte, error)

// decoders are the supported filters by ID.
var decoders = map[uint64]decoder{
	1: inflate, 2: unshuffleFilter, 3: fletcher32, 307: unbzip2, 32000: unlzf, 32001: unblosc,
	32004: unlz4, 32008: bitunshuffleFilter, 32015: unzstd,
}

// readAll reads the output of a decompressor up to the limit of the pipeline.
func (p *pipeline) readAll(r io.Reader, compressed int) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(int(min(p.chunkBytes+bytes.MinRead, 32*uint64(compressed)+bytes.MinRead)))
	n, err := out.ReadFrom(io.LimitReader(r, int64(p.limit())+1))
	if err == nil && uint64(n) > p.limit() {
		err = errTooLong
	}
	return out.Bytes(), err
}

var (
	errTooLong = errors.New("damaged: decompresses to more than a chunk")
	errDamaged = errors.New("damaged: cannot be decompressed")
)

func inflate(p *pipeline, _ []uint32, in []byte) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(in))
	if err != nil {
		return nil, err
	}
	return p.readAll(r, len(in))
}

func unbzip2(p *pipeline, _ []uint32, in []byte) ([]byte, error) {
	return p.readAll(bzip2.NewReader(bytes.NewReader(in)), len(in))
}

func unzstd(p *pipeline, _ []uint32, in []byte) (out []byte, err error) {
	if p.zstd == nil {
		p.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	}
	if err == nil {
		err = p.zstd.Reset(bytes.NewReader(in))
	}
	if err != nil {
		return nil, err
	}
	return p.readAll(p.zstd, len(in))
}

// unlz4 decodes the LZ4 filter. The data consist of the total size (8 bytes, big-endian), the size of a block (4) and
// the blocks, each preceded by its compressed size (4). A block that compression does not shrink is stored uncompressed.
func unlz4(p *pipeline, _ []uint32, in []byte) ([]byte, error) {
	if len(in) < 12 {
		return nil, errDamaged
	}
	size, block := binary.BigEndian.Uint64(in), uint64(binary.BigEndian.Uint32(in[8:]))
	if size > p.limit() || block == 0 {
		return nil, errTooLong
	}
	var out []byte
	for in = in[12:]; uint64(len(out)) < size; {
		n := min(block, size-uint64(len(out)))
		if len(in) < 4 || uint64(binary.BigEndian.Uint32(in)) > uint64(len(in)-4) {
			return nil, errDamaged
		}
		part := in[4 : 4+binary.BigEndian.Uint32(in)]
		in = in[4+len(part):]
		if len(part) < int(n) {
			var err error
			if part, err = lz4Block(part, int(n)); err != nil {
				return nil, err
			}
		}
		if uint64(len(part)) != n {
			return nil, errDamaged
		}
		out = append(out, part...)
	}
	return out, nil
}

// lz4Block decompresses a block to n bytes.
func lz4Block(block []byte, n int) ([]byte, error) {
	if n > 255*len(block)+64 {
		return nil, errDamaged
	}
	out := make([]byte, n)
	got, err := lz4.UncompressBlock(block, out)
	return exactly(uint64(n))(out[:max(0, got)], err)
}

// unshuffleFilter decodes the shuffle filter, which stores the first bytes of all elements, then the second bytes, and
// so on.
func unshuffleFilter(_ *pipeline, values []uint32, in []byte) ([]byte, error) {
	if len(values) < 1 || values[0] == 0 {
		return nil, errors.New("damaged: no element size")
	}
	out := make([]byte, len(in))
	unshuffle(out, in, int(values[0]))
	return out, nil
}

// unshuffle restores elements of size bytes. Trailing bytes that do not form a whole element are copied.
func unshuffle(out, in []byte, size int) {
	n := len(in) / size
	for j := range size {
		for i, b := range in[j*n : (j+1)*n] {
			out[i*size+j] = b
		}
	}
	copy(out[n*size:], in[n*size:])
}

// fletcher32 verifies the checksum after the data. Some versions of libhdf5 wrote it with its bytes swapped in pairs.
func fletcher32(_ *pipeline, _ []uint32, in []byte) ([]byte, error) {
	if len(in) < 4 {
		return nil, errors.New("damaged: no checksum")
	}
	data := in[:len(in)-4]
	stored, sum := binary.LittleEndian.Uint32(in[len(data):]), fletcherSum(data)
	if swapped := sum>>8&0x00ff00ff | sum<<8&0xff00ff00; stored != sum && stored != swapped {
		return nil, fmt.Errorf("damaged: checksum is %#08x, the bytes give %#08x", stored, sum)
	}
	return data, nil
}

// fletcherSum returns Fletcher's checksum of big-endian 16-bit words.
func fletcherSum(b []byte) uint32 {
	var low, high uint32
	fold := func(s uint32) uint32 { return s&0xffff + s>>16 }
	for len(b) > 1 {
		n := min(len(b)/2, 360) // the sums of 360 words fit into 32 bits
		for i := range n {
			low += uint32(b[2*i])<<8 | uint32(b[2*i+1])
			high += low
		}
		low, high, b = fold(low), fold(high), b[2*n:]
	}
	if len(b) == 1 {
		low += uint32(b[0]) << 8
		high += low
		low, high = fold(low), fold(high)
	}
	return fold(high)<<16 | fold(low)
}

// unlzf decodes Marc Lehmann's LZF. A byte below 32 begins a run of literal bytes. Any other byte begins a copy of
// earlier bytes: its upper three bits are the length (7 means that the next byte is added), and its other bits and the
// next byte are the distance.
func unlzf(p *pipeline, _ []uint32, in []byte) ([]byte, error) {
	var out []byte
	for len(in) > 0 {
		head := int(in[0])
		in = in[1:]
		if head < 32 {
			if head+1 > len(in) {
				return nil, errDamaged
			}
			out, in = append(out, in[:head+1]...), in[head+1:]
			continue
		}
		n := head >> 5
		if n == 7 && len(in) > 0 {
			n, in = n+int(in[0]), in[1:]
		}
		if len(in) == 0 {
			return nil, errDamaged
		}
		from := len(out) - (head&31)<<8 - int(in[0]) - 1
		if in = in[1:]; from < 0 {
			return nil, errDamaged
		}
		for i := range n + 2 {
			out = append(out, out[from+i])
		}
		if uint64(len(out)) > p.limit() {
			return nil, errTooLong
		}
	}
	return out, nil
}
