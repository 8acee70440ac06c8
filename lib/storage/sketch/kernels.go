//go:build amd64 || arm64

package sketch

// mostNumbers is the largest dimension of the kernels. With 255² for each number, the sum is less than 2³¹.
const mostNumbers = 1 << 14

// partsOf returns the subspaces as the kernels read them, or nil if they cannot run for this quantizer.
func (q *Quantizer) partsOf() []part {
	if q.starts[len(q.bits)] > mostNumbers {
		return nil
	}
	parts := make([]part, len(q.bits))
	for m, words := range q.words {
		parts[m] = part{q.bits[m], q.starts[m+1] - q.starts[m], &words[0]}
		if parts[m].numbers%multiple != 0 {
			return nil
		}
	}
	return parts
}

// wide is what the dimensions of subspaces must be multiples of for restKernel.
const wide = 8

// canRest reports whether restKernel can run for a quantizer of units.
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
	if restKernel(&c.bytes[0], &c.steps[0], &codes[0], &s.units.parts[0], n, s.units.step/s.members.step) != 0 {
		return s.plainRest(u, c)
	}
	return 0
}

// restKernel sets bytes to steps less the codewords times ratio, rounded. It returns 0 unless a number is beyond the range.
//
//go:noescape
func restKernel(bytes *uint8, steps *float32, codes *uint8, parts *part, n int, ratio float32) uint32
