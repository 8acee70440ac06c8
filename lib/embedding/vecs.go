package embedding

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"

	"anncapacity/lib/ann"
)

// vecs reads a file in a TEXMEX format (corpus-texmex.irisa.fr). Each vector consists of its dimension as a
// little-endian int32, the same in every row, and its numbers.
type vecs struct {
	source
	scalar scalar
	r      io.Reader
	d      int
	block  []byte // buffer for the numbers of a row
}

// readVecs reads vectors whose numbers have the type with the given code.
func readVecs(s source, code string) (ann.Coordinates, error) {
	f := &vecs{source: s, scalar: scalars[code], r: bufio.NewReaderSize(s, 1<<20)}
	d, err := f.dimension(0)
	if err != nil {
		return ann.Coordinates{}, f.explained(err)
	}
	f.d, f.block = d, make([]byte, int64(d)*f.scalar.size)
	numbers := f.scalar.numbers(s.keep, int(s.size/f.rowSize(f.scalar)*int64(d)))
	n := 0
	for at := int64(0); at < s.size; at += f.rowSize(f.scalar) {
		if err := f.row(n, &numbers); err != nil {
			return ann.Coordinates{}, f.explained(err)
		}
		n++
	}
	if code == "f4" && likeIntegers(numbers.data) {
		return ann.Coordinates{}, fmt.Errorf("holds no number of %g or more, like int32 read as float32: are these the IDs of an .ivecs file?", integersBelow)
	}
	if numbers.keep {
		return ann.NewBytes(n, d, numbers.bytes)
	}
	v, err := ann.NewVectors(n, d, numbers.data)
	return v.Coordinates(), err
}

// rowSize returns the number of bytes of a row of d numbers.
func (f *vecs) rowSize(t scalar) int64 { return 4 + int64(f.d)*t.size }

// row reads row n, including its dimension unless n is 0.
func (f *vecs) row(n int, to *numbers) error {
	if n > 0 {
		d, err := f.dimension(n)
		if err != nil {
			return err
		}
		if d != f.d {
			return fmt.Errorf("row %d has %d dimensions, the rows before it %d", n, d, f.d)
		}
	}
	if _, err := io.ReadFull(f.r, f.block); err != nil {
		return fmt.Errorf("row %d is cut short: %w", n, err)
	}
	f.scalar.decode(to, f.block, binary.LittleEndian)
	return nil
}

func (f *vecs) dimension(row int) (int, error) {
	var head [4]byte
	if _, err := io.ReadFull(f.r, head[:]); err != nil {
		return 0, fmt.Errorf("row %d: its dimension is cut short: %w", row, err)
	}
	d := int32(binary.LittleEndian.Uint32(head[:]))
	if d >= 1 && d <= maxDimension {
		return int(d), nil
	}
	err := fmt.Errorf("row %d: %d dimensions are announced: 1 to %d are expected", row, d, maxDimension)
	if swapped := bits.ReverseBytes32(uint32(d)); row == 0 && swapped >= 1 && swapped <= maxDimension {
		err = fmt.Errorf("%w; in big-endian order it would be %d, but .fvecs and .bvecs are little-endian", err, swapped)
	}
	return 0, err
}

// explained adds a hint to err if the size of the file fits rows of the other number type.
func (f *vecs) explained(err error) error {
	for code, name := range map[string]string{"f4": ".fvecs", "u1": ".bvecs"} {
		other := scalars[code]
		if f.d > 0 && other.name != f.scalar.name && f.size%f.rowSize(f.scalar) != 0 && f.size%f.rowSize(other) == 0 {
			return fmt.Errorf("%w; the file's size fits rows of %d %s numbers: is it a %s file?", err, f.d, other.name, name)
		}
	}
	return err
}

// likeIntegers reports whether data contains a number other than 0 and all numbers are as small as the bits of small
// integers read as float32. The squares of such numbers are 0 in float32.
func likeIntegers(data []float32) bool {
	found := false
	for _, x := range data {
		if x >= integersBelow || x <= -integersBelow || x != x {
			return false
		}
		found = found || x != 0
	}
	return found
}

// integersBelow is greater than the bits of any integer up to 2·10⁸ read as float32.
const integersBelow = 1e-30
