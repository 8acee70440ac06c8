package rounded

import "golang.org/x/sys/cpu"

// computeTile computes a tile with the fastest instructions of the processor.
var computeTile = fastest()

func fastest() func(p *points, row, column int, out *tile) {
	switch {
	case hasVNNI:
		return vnniTile
	case cpu.X86.HasAVX2:
		return avx2Tile
	}
	return plainTile
}

var hasVNNI = cpu.X86.HasAVX512F && cpu.X86.HasAVX512VNNI

func vnniTile(p *points, row, column int, out *tile) {
	tileVNNI(&p.at(row)[0], &p.at(column)[0], p.pairs, &p.norm[row], &p.norm[column], &out[0])
}

// avx2Tile combines tiles of 4 × 16 pairs.
func avx2Tile(p *points, row, column int, out *tile) {
	for i := 0; i < tileRows; i += 4 {
		for j := 0; j < tileColumns; j += lane {
			tileAVX2(&p.at(row + i)[0], &p.at(column + j)[0], p.pairs, &p.norm[row+i], &p.norm[column+j], &out[i*tileColumns+j])
		}
	}
}

//go:noescape
func tileVNNI(a, b *int16, pairs int, normA, normB *int32, out *float32)

//go:noescape
func tileAVX2(a, b *int16, pairs int, normA, normB *int32, out *float32)
