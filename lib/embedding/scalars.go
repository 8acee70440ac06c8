package embedding

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes/float16"

	"anncapacity/lib/internal/memory"
)

// scalar is a number type in files.
type scalar struct {
	name   string // NumPy's name
	size   int64  // bytes
	decode func(to *numbers, block []byte, order binary.ByteOrder)
}

// scalars are the supported types by NumPy's code without the byte order.
var scalars = map[string]scalar{
	"b1": {"bool", 1, decodeBools},
	"i1": {"int8", 1, decodeNumbers[int8]},
	"i2": {"int16", 2, decodeNumbers[int16]},
	"i4": {"int32", 4, decodeNumbers[int32]},
	"i8": {"int64", 8, decodeNumbers[int64]},
	"u1": {"uint8", 1, decodeUint8s},
	"u2": {"uint16", 2, decodeNumbers[uint16]},
	"u4": {"uint32", 4, decodeNumbers[uint32]},
	"u8": {"uint64", 8, decodeNumbers[uint64]},
	"f2": {"float16", 2, decodeFloat16s},
	"f4": {"float32", 4, decodeFloat32s},
	"f8": {"float64", 8, decodeNumbers[float64]},
}

// otherNames are alternative codes that NumPy accepts for these types.
var otherNames = map[string]string{
	"?": "b1", "b": "i1", "h": "i2", "i": "i4", "q": "i8", "B": "u1", "H": "u2", "I": "u4", "Q": "u8", "e": "f2", "f": "f4", "d": "f8",
}

// refused describes NumPy types that are not real numbers of at most 64 bits, by code or its first letter.
var refused = map[string]string{
	"f12": "long doubles", "f16": "long doubles", "g": "long doubles", "c": "complex numbers", "F": "complex numbers", "D": "complex numbers",
	"S": "byte strings", "a": "byte strings", "U": "strings", "O": "Python objects (a pickle)", "V": "records or raw bytes", "M": "dates", "m": "time differences",
}

func decodeNumbers[T number](to *numbers, block []byte, order binary.ByteOrder) {
	var zero T
	values := make([]T, len(block)/binary.Size(zero))
	binary.Decode(block, order, values)
	appendNumbers(to, values)
}

// decodeFloat32s has a separate loop for little-endian numbers, which the compiler optimizes.
func decodeFloat32s(to *numbers, block []byte, order binary.ByteOrder) {
	at, more := len(to.data), len(block)/4
	to.data = slices.Grow(to.data, more)[:at+more]
	if values := to.data[at:]; order == binary.LittleEndian {
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(block[4*i : 4*i+4]))
		}
	} else {
		binary.Decode(block, order, values)
	}
}

func decodeUint8s(to *numbers, block []byte, _ binary.ByteOrder) {
	if to.keep {
		to.bytes = append(to.bytes, block...)
		return
	}
	appendNumbers(to, block)
}

// decodeBools decodes 0 as 0 and any other byte as 1.
func decodeBools(to *numbers, block []byte, _ binary.ByteOrder) {
	for _, b := range block {
		to.data = append(to.data, float32(min(b, 1)))
	}
}

func decodeFloat16s(to *numbers, block []byte, order binary.ByteOrder) {
	for ; len(block) > 0; block = block[2:] {
		to.data = append(to.data, float16.FromBits(order.Uint16(block)).Float32())
	}
}

// numbers returns an empty collection for count numbers of this type. If keep is true, uint8 stays uint8.
func (t scalar) numbers(keep bool, count int) numbers {
	if keep && t.name == uint8Name {
		return numbers{keep: true, bytes: make([]uint8, 0, count)}
	}
	return numbers{data: roomFor(count)}
}

// roomFor returns an empty slice with room for count numbers. A search reads rows of a matrix at random, and huge pages save it up to
// a third of its time: the addresses of all pages of 4 kB do not fit into the processor's buffer.
func roomFor[T int | int64 | uint64](count T) []float32 {
	data := make([]float32, count)
	memory.Advise(data)
	return data[:0]
}

// read decodes count numbers from r in blocks.
func (t scalar) read(r io.Reader, to *numbers, count int, order binary.ByteOrder) error {
	block := make([]byte, min(int64(count)*t.size, 1<<17))
	for left := int64(count) * t.size; left > 0; left -= int64(len(block)) {
		block = block[:min(left, int64(len(block)))]
		if _, err := io.ReadFull(r, block); err != nil {
			return fmt.Errorf("reading the last %d bytes of the data: %w", left, err)
		}
		t.decode(to, block, order)
	}
	return nil
}

// scalarOf returns the type and the byte order that a .npy header describes.
func scalarOf(descr value) (scalar, binary.ByteOrder, error) {
	code, ok := descr.data.(string)
	if !ok {
		return scalar{}, nil, fmt.Errorf("holds records (%.200s), not numbers of one type; "+
			"numpy.stack([x[name] for name in x.dtype.names], 1) makes a matrix of them; %s", descr.text, convertNPY)
	}
	bare := strings.TrimLeft(code[:min(1, len(code))], "<>=|") + code[min(1, len(code)):]
	if other, ok := otherNames[bare]; ok {
		bare = other
	}
	for key, t := range scalars {
		if bare == key || code == t.name {
			return t, byteOrder(code), nil
		}
	}
	kind := cmp.Or(refused[bare], refused[bare[:min(1, len(bare))]], "numbers of an unknown type")
	return scalar{}, nil, fmt.Errorf("holds %s (%.200q); real numbers of at most 64 bits are read; %s", kind, code, convertNPY)
}

// byteOrder returns the byte order given by the first character of a NumPy type code; the default is the order of this
// machine.
func byteOrder(code string) binary.ByteOrder {
	switch code[0] {
	case '<':
		return binary.LittleEndian
	case '>':
		return binary.BigEndian
	}
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return binary.LittleEndian
	}
	return binary.BigEndian
}
