package indexfile

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// reader reads little-endian numbers. Every method names a field, for errors.
type reader struct {
	in   *bufio.Reader
	left int64 // bytes
	at   int64 // position of the next byte
	buf  []byte
}

// le is the byte order of all formats.
var le = binary.LittleEndian

const chunk = 1 << 16 // bytes that are decoded at a time

func newReader(file io.ReaderAt, size int64) *reader {
	return &reader{in: bufio.NewReaderSize(io.NewSectionReader(file, 0, size), chunk), left: size, buf: make([]byte, chunk)}
}

// need returns an error if fewer than count numbers of size bytes are left.
func (r *reader) need(field string, count uint64, size int) error {
	if count > uint64(r.left)/uint64(size) {
		return fmt.Errorf("%s: %d numbers of %d bytes at byte %d, but %d bytes are left: the file is truncated or damaged",
			field, count, size, r.at, r.left)
	}
	return nil
}

// bytes returns the next n bytes, at most chunk, until the next call.
func (r *reader) bytes(field string, n int) ([]byte, error) {
	if err := r.need(field, uint64(n), 1); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(r.in, r.buf[:n]); err != nil {
		return nil, fmt.Errorf("%s: %w", field, err)
	}
	r.left -= int64(n)
	r.at += int64(n)
	return r.buf[:n], nil
}

// pieces calls do with the next count numbers of size bytes, several at a time, and the index of the first.
func (r *reader) pieces(field string, count uint64, size int, do func(first int, b []byte)) error {
	if err := r.need(field, count, size); err != nil {
		return err
	}
	for first := 0; first < int(count); {
		n := min(int(count)-first, chunk/size)
		b, err := r.bytes(field, n*size)
		if err != nil {
			return err
		}
		do(first, b)
		first += n
	}
	return nil
}

func (r *reader) skip(field string, count uint64, size int) error {
	return r.pieces(field, count, size, func(int, []byte) {})
}

func (r *reader) uint32(field string) (uint32, error) {
	b, err := r.bytes(field, 4)
	if err != nil {
		return 0, err
	}
	return le.Uint32(b), nil
}

func (r *reader) int32(field string) (int32, error) {
	n, err := r.uint32(field)
	return int32(n), err
}

func (r *reader) uint64(field string) (uint64, error) {
	b, err := r.bytes(field, 8)
	if err != nil {
		return 0, err
	}
	return le.Uint64(b), nil
}

// int32s returns the next count numbers.
func (r *reader) int32s(field string, count uint64) ([]int32, error) {
	if err := r.need(field, count, 4); err != nil {
		return nil, err
	}
	out := make([]int32, count)
	return out, r.pieces(field, count, 4, func(first int, b []byte) {
		for i := 0; i < len(b); i += 4 {
			out[first+i/4] = int32(le.Uint32(b[i:]))
		}
	})
}

func (r *reader) uint64s(field string, count uint64) ([]uint64, error) {
	if err := r.need(field, count, 8); err != nil {
		return nil, err
	}
	out := make([]uint64, count)
	return out, r.pieces(field, count, 8, func(first int, b []byte) {
		for i := 0; i < len(b); i += 8 {
			out[first+i/8] = le.Uint64(b[i:])
		}
	})
}

// floats decodes the next len(out) numbers of type float32.
func (r *reader) floats(field string, out []float32) error {
	return r.pieces(field, uint64(len(out)), 4, func(first int, b []byte) {
		for i := 0; i < len(b); i += 4 {
			out[first+i/4] = math.Float32frombits(le.Uint32(b[i:]))
		}
	})
}

// end returns an error if bytes are left.
func (r *reader) end() error {
	if r.left > 0 {
		return fmt.Errorf("%d bytes are left after the end of the index at byte %d", r.left, r.at)
	}
	return nil
}
