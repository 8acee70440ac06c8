//go:build !amd64

package sketch

func (q *Quantizer) prepare() {}

// squaresOf sets squares to the squared distances between query and the codewords of the codes that begin at bit at.
func (q *Quantizer) squaresOf(squares []uint32, packed []byte, at int, query, word []uint8) {
	q.plainSquares(squares, packed, at, query, word)
}
