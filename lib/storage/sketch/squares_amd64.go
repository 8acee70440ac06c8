package sketch

import "golang.org/x/sys/cpu"

// mostNumbers is the largest dimension of avx2. With 255² for each number, the sum is less than 2³¹.
const mostNumbers = 1 << 14

// prepare sets the parts, if avx2 can run on this CPU and for this quantizer.
func (q *Quantizer) prepare() {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasBMI2 || q.starts[len(q.bits)] > mostNumbers {
		return
	}
	parts := make([]part, len(q.bits))
	for m, words := range q.words {
		parts[m] = part{q.bits[m], q.starts[m+1] - q.starts[m], &words[0]}
		if parts[m].numbers%multiple != 0 {
			return
		}
	}
	q.parts = parts
	q.prepareLanes()
}

// squaresOf sets squares to the squared distances between query and the codewords of the codes that begin at bit at.
func (q *Quantizer) squaresOf(squares []uint32, packed []byte, at int, query, word []uint8) {
	if q.parts == nil {
		q.plainSquares(squares, packed, at, query, word)
		return
	}
	end := at + len(squares)*q.Bits()
	_ = packed[end/8+padding-1]
	if q.few {
		avx512Parts(&squares[0], len(squares), &packed[0], at, &query[0], &q.parts[0], len(q.parts))
		return
	}
	if q.lanes != nil && (end-q.Bits())/8+codeBytes <= len(packed) {
		avx512(&squares[0], len(squares), &packed[0], at, q.Bits(), &query[0], &q.words[0][0], &q.lanes[0], len(q.lanes))
		return
	}
	avx2(&squares[0], len(squares), &packed[0], at, &query[0], &q.parts[0], len(q.parts))
}

// avx2 sets size squares, at least one, to the squared distances between query and the vectors whose codes begin at bit at.
//
//go:noescape
func avx2(squares *uint32, size int, packed *byte, at int, query *uint8, parts *part, n int)

// wide is what the dimensions of subspaces must be multiples of for avx2Rest.
const wide = 8

// canRest reports whether avx2Rest can run for a quantizer of units.
func (q *Quantizer) canRest() bool {
	for _, p := range q.parts {
		if p.numbers%wide != 0 {
			return false
		}
	}
	return q.parts != nil
}

// rest sets c.bytes to what the query differs by from the decoded mean of unit u: see plainRest.
func (s *Sketch) rest(u int, c *Scratch) (beyond float32) {
	if !c.wide {
		return s.plainRest(u, c)
	}
	n := s.units.Subspaces()
	codes := s.codes[u*n : (u+1)*n]
	if avx2Rest(&c.bytes[0], &c.steps[0], &codes[0], &s.units.parts[0], n, s.units.step/s.members.step) != 0 {
		return s.plainRest(u, c)
	}
	return 0
}

// avx2Rest sets bytes to steps less the codewords times ratio, rounded. It returns 0 unless a number is beyond the range.
//
//go:noescape
func avx2Rest(bytes *uint8, steps *float32, codes *uint8, parts *part, n int, ratio float32) uint32
