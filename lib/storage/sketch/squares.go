package sketch

import (
	"encoding/binary"

	squares "anncapacity/lib/internal/squared"
)

// part is a subspace of a quantizer, for avx2.
type part struct {
	bits    int    // of a code
	numbers int    // of a codeword
	words   *uint8 // the codewords, one after another
}

// lanes describes 64 consecutive numbers of a vector as 16 lanes of 4 numbers, for avx512. A lane is a part of one subspace.
type lanes struct {
	offset [16]uint32 // of the code of the subspace in the code of a vector, in bits
	mask   [16]uint32 // of the bits of that code
	step   [16]uint32 // codewords are so many times 4 numbers long
	first  [16]uint32 // place of the lane in the first codeword of the subspace, in 4 numbers from the first of all codewords
}

// plainSquares sets all to the squared distances between query and the vectors whose codes begin at bit at. word is the memory for
// a decoded vector.
func (q *Quantizer) plainSquares(all []uint32, packed []byte, at int, query, word []uint8) {
	for i := range all {
		q.unpack(packed, at, word)
		all[i] = uint32(squares.Bytes(query, word))
		at += q.Bits()
	}
}

// unpack sets word to the codewords of the code that begins at the given bit.
func (q *Quantizer) unpack(packed []byte, at int, word []uint8) {
	for m, words := range q.words {
		part := word[q.starts[m]:q.starts[m+1]]
		from := words[read(packed, at, q.bits[m])*len(part):][:len(part)]
		at += q.bits[m]
		for ; len(part) >= 8; part, from = part[8:], from[8:] {
			*(*[8]uint8)(part) = [8]uint8(from)
		}
		copy(part, from)
	}
}

// read returns the code of the given number of bits, at most 8, that begins at bit at.
func read(packed []byte, at, bits int) int {
	return int(binary.LittleEndian.Uint16(packed[at>>3:])) >> (at & 7) & (1<<bits - 1)
}

// plainRest sets c.bytes to what the query differs by from the decoded mean of unit u, in steps of the codewords of the vectors. Numbers
// beyond the range become its ends. It returns what this takes from the squared length, in squared steps.
func (s *Sketch) plainRest(u int, c *Scratch) (beyond float32) {
	n, ratio := s.units.Subspaces(), s.units.step/s.members.step
	for m, code := range s.codes[u*n : (u+1)*n] {
		from, to := s.units.starts[m], s.units.starts[m+1]
		words := s.units.words[m][int(code)*(to-from):][:to-from]
		bytes, steps := c.bytes[from:to], c.steps[from:to]
		for j, w := range words {
			x := steps[j] - float32(ratio*(float32(w)-zero))
			if inside := min(max(x, -zero), mostOfByte); inside != x {
				beyond += float32(x*x) - float32(inside*inside)
				x = inside
			}
			bytes[j] = uint8(x + zero + 0.5)
		}
	}
	return beyond
}
