//go:build !amd64 && !arm64

package sketch

func (q *Quantizer) prepare() {}

func (q *Quantizer) canRest() bool { return false }

// rest sets c.bytes to what the query differs by from the decoded mean of unit u: see plainRest.
func (s *Sketch) rest(u int, c *Scratch) (beyond float32) { return s.plainRest(u, c) }

// squaresOf sets squares to the squared distances between query and the codewords of the codes that begin at bit at.
func (q *Quantizer) squaresOf(squares []uint32, packed []byte, at int, query, word []uint8) {
	q.plainSquares(squares, packed, at, query, word)
}
