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
	"fmt"
	"slices"

	"anncapacity/lib/internal/rank"
)

// Sketch holds the codes of all vectors of a layout. It is safe for concurrent use.
type Sketch struct {
	vectors int // copies included
	slots   int // vectors of a full unit
	mean    []float32
	units   *Quantizer // of the means of the units, less mean
	codes   []uint8    // of the units: one of each subspace
	short   []short    // units that are not full, ascending
	groups  []uint8    // codes of the means of groups of units

	members *Quantizer // of the vectors, less the decoded mean of their unit; nil if vectors have no code
	packed  []byte     // codes of the vectors: slots · Bits() bits for each unit, without gaps, and padding
}

// groupUnits is the number of consecutive units of a group. Layouts put units that are near each other one after another.
const groupUnits = 32

// group sets the codes of the groups.
func (s *Sketch) group() {
	n, e, d := s.units.Subspaces(), s.units.NewEncoder(), len(s.mean)
	groups := (s.Units() + groupUnits - 1) / groupUnits
	s.groups = make([]uint8, groups*n)
	for g := range groups {
		units := s.codes[g*groupUnits*n : min((g+1)*groupUnits*n, len(s.codes))]
		mean := make([]float32, d)
		for ; len(units) > 0; units = units[n:] {
			s.units.Decode(units[:n], mean)
		}
		for j := range mean {
			mean[j] /= float32(min(groupUnits, s.Units()-g*groupUnits))
		}
		e.Encode(mean, s.groups[g*n:(g+1)*n])
	}
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
	n := s.units.memoryBytes() + int64(4*len(s.mean)+len(s.codes)+len(s.groups)+8*len(s.short)+len(s.packed))
	if s.members != nil {
		n += s.members.memoryBytes()
	}
	return n
}

// Scratch is the memory that estimates for one query use. The zero value is ready for use.
type Scratch struct {
	query  []float32 // less the mean of all vectors
	tables []float32 // squared distances to the codewords of the units: 256 for each subspace
	groups []uint64  // keys of the groups, by distance
	group  int       // the next of groups

	steps   []float32 // query in steps of the codewords of the vectors
	bytes   []uint8   // query less the decoded mean of a unit, in these steps
	word    []uint8   // decoded vector
	squares []uint32  // of a unit, in squared steps
	wide    bool      // the kernel of rest can run
}

// mostWords is the largest number of codewords of a subspace.
const mostWords = 256

// Start prepares the scratch memory for a query of Dimension() numbers.
func (s *Sketch) Start(query []float32, scratch *Scratch) {
	scratch.prepare(s, query)
	scratch.groups, scratch.group = scratch.groups[:0], 0
	for g := range len(s.groups) / s.units.Subspaces() {
		scratch.groups = append(scratch.groups, rank.Key(s.units.distance(s.groups, g, scratch.tables), int32(g)))
	}
	slices.Sort(scratch.groups)
}

// NextUnits appends to keys the keys (see package rank) of the units of the next groups, the nearest groups first, until there are
// at least n more keys or no group is left. The value of a key is the squared distance between the query of Start and the decoded
// mean of the unit.
func (s *Sketch) NextUnits(keys []uint64, n int, scratch *Scratch) []uint64 {
	for enough := len(keys) + n; len(keys) < enough && scratch.group < len(scratch.groups); scratch.group++ {
		from := int(rank.ID(scratch.groups[scratch.group])) * groupUnits
		for u := from; u < min(from+groupUnits, s.Units()); u++ {
			keys = append(keys, rank.Key(s.units.distance(s.codes, u, scratch.tables), int32(u)))
		}
	}
	return keys
}

// distance returns the squared distance between the query of the tables and vector u of the codes.
func (q *Quantizer) distance(codes []uint8, u int, tables []float32) float32 {
	n := len(q.bits)
	row := codes[u*n : (u+1)*n]
	if n == unitBytes {
		return distance16((*[unitBytes]uint8)(row), (*[unitBytes * mostWords]float32)(tables))
	}
	var even, odd float32
	for ; len(row) >= 2; row = row[2:] {
		even += tables[row[0]]
		odd += tables[mostWords:][row[1]]
		tables = tables[2*mostWords:]
	}
	if len(row) > 0 {
		even += tables[row[0]]
	}
	return even + odd
}

// distance16 is distance for 16 subspaces. It adds in the same order.
func distance16(row *[unitBytes]uint8, tables *[unitBytes * mostWords]float32) float32 {
	even, odd := tables[row[0]], tables[mostWords+int(row[1])]
	even, odd = even+tables[2*mostWords+int(row[2])], odd+tables[3*mostWords+int(row[3])]
	even, odd = even+tables[4*mostWords+int(row[4])], odd+tables[5*mostWords+int(row[5])]
	even, odd = even+tables[6*mostWords+int(row[6])], odd+tables[7*mostWords+int(row[7])]
	even, odd = even+tables[8*mostWords+int(row[8])], odd+tables[9*mostWords+int(row[9])]
	even, odd = even+tables[10*mostWords+int(row[10])], odd+tables[11*mostWords+int(row[11])]
	even, odd = even+tables[12*mostWords+int(row[12])], odd+tables[13*mostWords+int(row[13])]
	even, odd = even+tables[14*mostWords+int(row[14])], odd+tables[15*mostWords+int(row[15])]
	return even + odd
}

// prepare sets the query and the tables.
func (c *Scratch) prepare(s *Sketch, query []float32) {
	if len(c.query) != len(s.mean) || len(c.tables) != mostWords*s.units.Subspaces() || len(c.squares) != s.slots {
		c.query, c.steps = make([]float32, len(s.mean)), make([]float32, len(s.mean))
		c.bytes, c.word = make([]uint8, len(s.mean)), make([]uint8, len(s.mean))
		c.squares, c.wide = make([]uint32, s.slots), s.units.canRest()
		c.tables = make([]float32, mostWords*s.units.Subspaces())
	}
	for j, x := range query {
		c.query[j] = x - s.mean[j]
		if s.members != nil {
			c.steps[j] = c.query[j] / s.members.step
		}
	}
	for m, words := range s.units.words {
		part := c.query[s.units.starts[m]:s.units.starts[m+1]]
		table := c.tables[m*mostWords : (m+1)*mostWords]
		for code := range len(words) / len(part) {
			sum := float32(0)
			for j, w := range words[code*len(part):][:len(part)] {
				d := part[j] - float32(s.units.step*(float32(w)-zero))
				sum += float32(d * d)
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

// MemberDistances appends to squared the estimated squared distances between the query of the latest Start and the vectors
// of unit u, in the order of the layout. least is the smallest of them.
func (s *Sketch) MemberDistances(u int, squared []float32, scratch *Scratch) (_ []float32, least float32) {
	size := s.Size(u)
	if s.members == nil {
		d := s.units.distance(s.codes, u, scratch.tables)
		for range size {
			squared = append(squared, d)
		}
		return squared, d
	}
	beyond := s.rest(u, scratch)
	all := scratch.squares[:size]
	s.members.squaresOf(all, s.packed, u*s.slots*s.members.Bits(), scratch.bytes, scratch.word)
	step := s.members.step * s.members.step
	from := len(squared)
	squared = slices.Grow(squared, size)[:from+size]
	smallest := all[0]
	for i, x := range all {
		squared[from:][i] = step * (float32(x) + beyond)
		smallest = min(smallest, x)
	}
	return squared, step * (float32(smallest) + beyond) // rounding keeps the order
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
