package sketch

// mostNumbers is the largest dimension of neon. With 255² for each number, the sum is less than 2³¹.
const mostNumbers = 1 << 14

// prepare sets the parts, if neon can run for this quantizer.
func (q *Quantizer) prepare() {
	if q.starts[len(q.bits)] > mostNumbers {
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
}

// squaresOf sets squares to the squared distances between query and the codewords of the codes that begin at bit at.
func (q *Quantizer) squaresOf(squares []uint32, packed []byte, at int, query, word []uint8) {
	if q.parts == nil {
		q.plainSquares(squares, packed, at, query, word)
		return
	}
	_ = packed[(at+len(squares)*q.Bits())/8+padding-1]
	neon(&squares[0], len(squares), &packed[0], at, &query[0], &q.parts[0], len(q.parts))
}

// neon sets size squares, at least one, to the squared distances between query and the vectors whose codes begin at bit at.
//
//go:noescape
func neon(squares *uint32, size int, packed *byte, at int, query *uint8, parts *part, n int)

// wide is what the dimensions of subspaces must be multiples of for neonRest.
const wide = 8

// canRest reports whether neonRest can run for a quantizer of units.
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
	if neonRest(&c.bytes[0], &c.steps[0], &codes[0], &s.units.parts[0], n, s.units.step/s.members.step) != 0 {
		return s.plainRest(u, c)
	}
	return 0
}

// neonRest sets bytes to steps less the codewords times ratio, rounded. It returns 0 unless a number is beyond the range.
//
//go:noescape
func neonRest(bytes *uint8, steps *float32, codes *uint8, parts *part, n int, ratio float32) uint32
