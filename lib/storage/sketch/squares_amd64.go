package sketch

import "golang.org/x/sys/cpu"

// prepare sets the parts, if avx2 can run on this CPU and for this quantizer.
func (q *Quantizer) prepare() {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasBMI2 {
		return
	}
	if q.parts = q.partsOf(); q.parts != nil {
		q.prepareLanes()
	}
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
