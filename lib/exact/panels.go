package exact

import (
	"context"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/tile"
	"anncapacity/lib/internal/vec"
)

// panels are prepared vectors in the layout of package tile.
type panels struct {
	width  int
	floats []float32 // of a panel after the other
	pairs  []int32   // instead, if the frame has words
	units  []float32 // of the words of each vector
	norms  []float32 // ‖x‖², 0 for the inner product
}

// fill replaces the panels by the rows ids of p, prepared and multiplied by a power of two. The last panel is completed by zero vectors
// with the given norm.
func (f *frame) fill(into *panels, p *points, ids []int32, factor, norm float32) {
	count := (len(ids) + into.width - 1) / into.width
	into.grow(count*into.width, p.D, f.words)
	parallel.Each(context.Background(), count, func() (func(int) error, error) {
		row, pairs := make([]float32, p.D), make([]int32, (p.D+1)/2)
		return func(panel int) error {
			for at := panel * into.width; at < (panel+1)*into.width; at++ {
				if at < len(ids) {
					into.norms[at] = max(0, f.prepare(p, int(ids[at]), row)) // −∞ for the inner product
				} else {
					into.norms[at] = norm
					clear(row)
				}
				if f.words {
					into.units[at] = factor * f.round(pairs, row, into.norms[at])
					tile.Scatter(into.pairs, pairs, at, into.width)
					continue
				}
				for j := range row {
					row[j] *= factor
				}
				tile.Scatter(into.floats, row, at, into.width)
			}
			return nil
		}, nil
	})
}

// grow makes room for n vectors of d dimensions, as words or float32.
func (s *panels) grow(n, d int, words bool) {
	s.norms = slices.Grow(s.norms[:0], n)[:n]
	if words {
		s.units = slices.Grow(s.units[:0], n)[:n]
		s.pairs = slices.Grow(s.pairs[:0], n*((d+1)/2))[:n*((d+1)/2)]
		return
	}
	s.floats = slices.Grow(s.floats[:0], n*d)[:n*d]
}

// vanishedWords bounds twice the error of a value that words of 0 cause, as a share of the longest vector. If x is so short, 2x·y is at
// most 2·tile.Shortest·‖y‖, and centred vectors are at most twice as long.
const vanishedWords = 16 * tile.Shortest

// round sets pairs to the words of a prepared vector and returns their unit. On a grid it is the step of the grid, and the words are
// exact. Otherwise it is a share of the length of the vector, whose square is norm unless the metric is the inner product.
func (f *frame) round(pairs []int32, row []float32, norm float32) (unit float32) {
	if f.exact {
		vec.Round(pairs, row, float32(1/f.step))
		return float32(f.step)
	}
	squares := float64(norm)
	if f.metric == ann.InnerProduct {
		squares = vec.Dot(row, row)
	}
	return tile.Round(pairs, row, math.Sqrt(squares))
}
