package embedding

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
)

// unreadCodecs describes the codecs of parquet.thrift that are not supported.
var unreadCodecs = map[string]string{
	"LZO": "LZO", "LZ4": "LZ4 in Hadoop's frames (deprecated; LZ4_RAW is read)", "<UNSET>": "a codec that is not known",
}

// codecRatio is the maximum compression ratio of a codec, given by its longest match and its shortest code.
var codecRatio = map[compress.Compression]int64{compress.Codecs.Snappy: 22, compress.Codecs.Lz4Raw: 255, compress.Codecs.Gzip: 1032}

// checkBody compares the announced size of a page with the size that its codec can produce, so that no memory is
// allocated for an impossible page.
func (c columnChunk) checkBody(h pageHeader, body int64) error {
	size, from := int64(h.uncompressed-h.levels), int64(h.compressed-h.levels)
	data := io.NewSectionReader(c.file, body+int64(h.levels), from)
	if most, ok := codecRatio[c.Compression()]; ok && !h.plain && size > most*from+64 {
		return fmt.Errorf("announces %d bytes, and %d compressed bytes give at most %d", size, from, most*from+64)
	}
	switch codec := c.Compression(); {
	case h.plain || codec == compress.Codecs.Uncompressed:
		if size != from {
			return fmt.Errorf("announces %d bytes and holds %d", size, from)
		}
	case codec == compress.Codecs.Snappy:
		return c.checkSnappy(data, from, size)
	case codec == compress.Codecs.Zstd:
		return checkZstd(data, size)
	case codec == compress.Codecs.Brotli && size > 1<<20+1024*from:
		return checkStream(codec, data, size)
	}
	return nil
}

// checkSnappy decodes a block strictly by the format. The library also accepts S2, an extension of it, in which a
// damaged block can be valid.
func (c columnChunk) checkSnappy(data io.ReaderAt, from, size int64) error {
	block := c.file.scratch.packed.sized(from)
	if _, err := data.ReadAt(block, 0); err != nil && err != io.EOF {
		return err
	}
	if length, err := snappy.DecodedLen(block); err != nil || int64(length) != size {
		return fmt.Errorf("announces %d bytes, its compressed data %d", size, length)
	}
	_, err := snappy.DecodeStrict(c.file.scratch.plain.sized(size), block)
	return err
}

// reusedBytes is a buffer that is reused.
type reusedBytes []byte

func (b *reusedBytes) sized(n int64) []byte {
	*b = slices.Grow((*b)[:0], int(n))[:n]
	return *b
}

// checkZstd reads the headers of Zstandard frames and blocks (RFC 8878), which bound the decompressed size.
func checkZstd(data *io.SectionReader, size int64) error {
	var most int64
	for at := int64(0); at < data.Size(); {
		var head zstd.Header
		prefix := make([]byte, min(zstd.HeaderMaxSize, data.Size()-at))
		if _, err := data.ReadAt(prefix, at); err != nil {
			return err
		}
		if err := head.Decode(prefix); err != nil {
			return fmt.Errorf("damaged frame: %w", err)
		}
		end, gives, err := zstdBlocks(data, at+int64(head.HeaderSize)+int64(head.SkippableSize), head)
		if err != nil {
			return err
		}
		if head.HasFCS && head.FrameContentSize > uint64(gives) {
			return fmt.Errorf("a frame announces %d bytes, its blocks give at most %d", head.FrameContentSize, gives)
		}
		at, most = end, most+gives
	}
	if size > most {
		return fmt.Errorf("announces %d bytes, its compressed data give at most %d", size, most)
	}
	return nil
}

// zstdBlocks returns where the blocks of a frame end and the maximum number of bytes that they decompress to. A block
// decompresses to at most 128 KiB.
func zstdBlocks(data io.ReaderAt, at int64, head zstd.Header) (end, gives int64, err error) {
	for last := head.Skippable; !last; {
		var b [4]byte
		if _, err := data.ReadAt(b[:3], at); err != nil {
			return 0, 0, errors.New("a frame is cut off")
		}
		header := binary.LittleEndian.Uint32(b[:])
		size := int64(header >> 3)
		last = header&1 == 1
		switch header >> 1 & 3 {
		case 0: // as it is
			at, gives = at+3+size, gives+size
		case 1: // one byte, repeated
			at, gives = at+4, gives+min(size, 128<<10)
		default:
			at, gives = at+3+size, gives+128<<10
		}
	}
	if head.HasCheckSum {
		at += 4
	}
	return at, gives, nil
}

// checkStream decompresses the data and compares the number of bytes with size.
func checkStream(codec compress.Compression, data io.Reader, size int64) error {
	c, err := compress.GetCodec(codec)
	if err != nil {
		return err
	}
	stream, ok := c.(compress.StreamingCodec)
	if !ok {
		return errors.New("cannot be read as a stream")
	}
	r := stream.NewReader(data)
	defer r.Close()
	if n, err := io.Copy(io.Discard, io.LimitReader(r, size+1)); err != nil || n != size {
		return fmt.Errorf("announces %d bytes, its compressed data give %d", size, n)
	}
	return nil
}
