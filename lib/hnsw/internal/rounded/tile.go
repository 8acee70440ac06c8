package rounded

// A tile has the values of 8 × 48 pairs of points, which fit into the registers of 512 bits.
const (
	tileRows    = 8
	tileColumns = 3 * lane
)

// tile holds the values row by row.
type tile [tileRows * tileColumns]float32

// plainTile computes the tile that begins at the points row and column. It runs on any processor.
func plainTile(p *points, row, column int, out *tile) {
	for i := range tileRows {
		a := p.at(row + i)
		for j := range tileColumns {
			b := p.at(column + j)
			var sum int32
			for t := 0; t < p.pairs*2*lane; t += 2 * lane {
				sum += int32(a[t])*int32(b[t]) + int32(a[t+1])*int32(b[t+1])
			}
			out[i*tileColumns+j] = float32(p.norm[row+i] + p.norm[column+j] - 2*sum)
		}
	}
}
