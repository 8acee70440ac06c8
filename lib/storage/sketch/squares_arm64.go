package sketch

// prepare sets the parts, if neon can run for this quantizer.
func (q *Quantizer) prepare() { q.parts = q.partsOf() }

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
