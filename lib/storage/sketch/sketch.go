// Package sketch estimates the distances between a query and all vectors of a layout from a few bytes for each vector.
//
// The vectors of a unit are near each other, and lie together on storage. The mean of a unit is stored as the code of a product
// quantizer. What a vector differs by from the decoded mean is stored as the code of a second product quantizer. A code of 16
// bytes for the mean of 31 vectors takes half a byte for each vector, and the second code has to describe a small vector only.
// The IDs of the vectors are on storage, so they take no memory.
//
// Everything that is kept in memory counts as memory: codes, codewords, sizes of the units.
package sketch

import (
	"encoding/binary"
	"fmt"

	squares "anncapacity/lib/internal/squared"
)

// Sketch holds the codes of all vectors of a layout. It is safe for concurrent use.
type Sketch struct {
	vectors int // copies included
	slots   int // vectors of a full unit
	mean    []float32
	units   *Quantizer // of the means of the units, less mean
	codes   []uint8    // of the units: one of each subspace
	short   []short    // units that are not full, ascending

	members *Quantizer // of the vectors, less the decoded mean of their unit; nil if vectors have no code
	packed  []byte     // codes of the vectors: slots · Bits() bits for each unit, without gaps, and padding
}

// short is a unit that is not full.
type short struct{ unit, size int32 }

// padding is the number of bytes after the last code, so that a code can be read as 2 bytes.
const padding = 2

// Units returns the number of units.
func (s *Sketch) Units() int { return len(s.codes) / s.units.Subspaces() }

// Dimension returns the number of numbers of a vector.
func (s *Sketch) Dimension() int { return len(s.mean) }

// Slots returns the number of vectors of the largest unit.
func (s *Sketch) Slots() int { return s.slots }

// MemoryBytes returns the memory of the sketch.
func (s *Sketch) MemoryBytes() int64 {
	n := s.units.memoryBytes() + int64(4*len(s.mean)+len(s.codes)+8*len(s.short)+len(s.packed))
	if s.members != nil {
		n += s.members.memoryBytes()
	}
	return n
}

// Scratch is the memory that estimates for one query use. The zero value is ready for use.
type Scratch struct {
	query  []float32 // less the mean of all vectors
	rest   []float32 // query less the decoded mean of a unit
	bytes  []uint8   // rest in steps of the codewords of the vectors
	word   []uint8   // decoded vector
	tables []float32 // squared distances to the codewords of the units: 256 for each subspace
}

// mostWords is the largest number of codewords of a subspace.
const mostWords = 256

// UnitDistances sets squared[u] to the squared distance between the query and the decoded mean of unit u. The length of squared
// is Units(). The scratch memory is then prepared for MemberDistances.
func (s *Sketch) UnitDistances(query []float32, squared []float32, scratch *Scratch) {
	scratch.prepare(s, query)
	n := s.units.Subspaces()
	codes := s.codes
	for u := range squared {
		row := codes[u*n : (u+1)*n]
		var even, odd float32
		m := 0
		for ; m+1 < n; m += 2 {
			even += scratch.tables[m*mostWords+int(row[m])]
			odd += scratch.tables[(m+1)*mostWords+int(row[m+1])]
		}
		if m < n {
			even += scratch.tables[m*mostWords+int(row[m])]
		}
		squared[u] = even + odd
	}
}

// prepare sets the query and the tables.
func (c *Scratch) prepare(s *Sketch, query []float32) {
	if len(c.query) != len(s.mean) || len(c.tables) != mostWords*s.units.Subspaces() {
		c.query, c.rest = make([]float32, len(s.mean)), make([]float32, len(s.mean))
		c.bytes, c.word = make([]uint8, len(s.mean)), make([]uint8, len(s.mean))
		c.tables = make([]float32, mostWords*s.units.Subspaces())
	}
	for j, x := range query {
		c.query[j] = x - s.mean[j]
	}
	for m, words := range s.units.words {
		part := c.query[s.units.starts[m]:s.units.starts[m+1]]
		table := c.tables[m*mostWords : (m+1)*mostWords]
		for code := range len(words) / len(part) {
			sum := float32(0)
			for j, w := range words[code*len(part):][:len(part)] {
				d := part[j] - s.units.step*(float32(w)-zero)
				sum += d * d
			}
			table[code] = sum
		}
	}
}

// Size returns the number of vectors of unit u.
func (s *Sketch) Size(u int) int {
	low, high := 0, len(s.short)
	for low < high {
		if middle := (low + high) / 2; int(s.short[middle].unit) < u {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low < len(s.short) && int(s.short[low].unit) == u {
		return int(s.short[low].size)
	}
	return s.slots
}

// MemberDistances appends to squared the estimated squared distances between the query of the latest UnitDistances and the vectors
// of unit u, in the order of the layout.
func (s *Sketch) MemberDistances(u int, squared []float32, scratch *Scratch) []float32 {
	copy(scratch.rest, scratch.query)
	n := s.units.Subspaces()
	for m, code := range s.codes[u*n : (u+1)*n] {
		part := scratch.rest[s.units.starts[m]:s.units.starts[m+1]]
		for j, w := range s.units.words[m][int(code)*len(part):][:len(part)] {
			part[j] -= s.units.step * (float32(w) - zero)
		}
	}
	size := s.Size(u)
	if s.members == nil {
		d := float32(0)
		for _, x := range scratch.rest {
			d += x * x
		}
		for range size {
			squared = append(squared, d)
		}
		return squared
	}
	q := s.members
	beyond := q.round(scratch.rest, scratch.bytes)
	at := u * s.slots * q.Bits()
	for range size {
		q.unpack(s.packed, at, scratch.word)
		squared = append(squared, q.step*q.step*(float32(squares.Bytes(scratch.bytes, scratch.word))+beyond))
		at += q.Bits()
	}
	return squared
}

// round sets bytes to x in steps. Numbers beyond the range become its ends. It returns what this takes from the squared length, in
// squared steps.
func (q *Quantizer) round(x []float32, bytes []uint8) (beyond float32) {
	for j, value := range x {
		steps := value / q.step
		inside := min(max(steps, -zero), mostOfByte)
		beyond += steps*steps - inside*inside
		bytes[j] = uint8(inside + zero + 0.5)
	}
	return beyond
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

// String describes the codes.
func (s *Sketch) String() string {
	member := 0
	if s.members != nil {
		member = s.members.Bits()
	}
	return fmt.Sprintf("%d units of at most %d vectors, %d bits for a unit and %d for a vector",
		s.Units(), s.slots, s.units.Bits(), member)
}
