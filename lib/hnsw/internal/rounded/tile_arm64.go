package rounded

// computeTile combines tiles of 4 × 16 pairs.
func computeTile(p *points, row, column int, out *tile) {
	for i := 0; i < tileRows; i += 4 {
		for j := 0; j < tileColumns; j += lane {
			tileNEON(&p.at(row + i)[0], &p.at(column + j)[0], p.pairs, &p.norm[row+i], &p.norm[column+j], &out[i*tileColumns+j])
		}
	}
}

//go:noescape
func tileNEON(a, b *int16, pairs int, normA, normB *int32, out *float32)
