// Package rounded measures the pairs of a set of vectors after rounding them to 16-bit integers: for what needs an order of
// near and far rather than the last digits, such as the construction of an index. Its sums are of integers, so they are the
// same on every machine, and cost less than half of float32's.
package rounded

import (
	"context"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/memory"
	"anncapacity/lib/internal/parallel"
)

// Matrix holds what orders every two of n points: their squared distance, or −2 times their inner product, in units of the
// grid that the vectors were rounded to.
type Matrix struct {
	n      int
	values []float32 // row-major
}

// Row is the values of point i to all n, a view.
func (m *Matrix) Row(i int32) []float32 { return m.values[int(i)*m.n : (int(i)+1)*m.n] }

// AllPairs measures every pair once. It returns nil, without an error, where the grid would be too coarse: see blurred.
// Cancelling ctx stops it early.
func AllPairs(ctx context.Context, v ann.Vectors, metric ann.Metric) (*Matrix, error) {
	p := round(v, metric)
	if p == nil {
		return nil, nil
	}
	m := &Matrix{n: v.N, values: make([]float32, v.N*v.N)}
	memory.Advise(m.values)
	for row := 0; row < v.N && ctx.Err() == nil; row += blockRows {
		m.fillRows(ctx, p, row, min(row+blockRows, v.N))
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if metric != ann.InnerProduct && m.blurred(v) {
		return nil, nil
	}
	return m, nil
}

// blockRows is a multiple of tileColumns: 4 MB of 2048 dimensions, which a processor's last cache holds while all columns
// pass by.
const blockRows = 21 * tileColumns

// fillRows measures the points first … last−1 against themselves and all after them.
func (m *Matrix) fillRows(ctx context.Context, p *points, first, last int) {
	parallel.For((m.n-first+tileColumns-1)/tileColumns, func(i int) {
		column := first + i*tileColumns
		var out strip
		for row := first; row < min(last, column+tileColumns) && ctx.Err() == nil; row += stripRows {
			for t := range stripRows / tileRows {
				measure(p, row+t*tileRows, column, (*tile)(out[t*tileRows*tileColumns:]))
			}
			m.put(row, column, &out)
		}
	})
}

// strip is tiles one below the other: enough that what is written at a time to a row of the mirror image fills whole lines of the cache.
type strip [stripRows * tileColumns]float32

const stripRows = tileColumns

// put stores a strip and its mirror image.
func (m *Matrix) put(row, column int, s *strip) {
	rows, columns := min(stripRows, m.n-row), min(tileColumns, m.n-column)
	for i := range rows {
		copy(m.values[(row+i)*m.n+column:][:columns], s[i*tileColumns:])
	}
	if row == column {
		return
	}
	for j := range columns {
		mirror := m.values[(column+j)*m.n+row:][:rows]
		for i := range mirror {
			mirror[i] = s[i*tileColumns+j]
		}
	}
}

const (
	sampled  = 256 // points that blurred looks at
	resolved = 64  // units of the grid
)

// blurred says whether the grid is too coarse for the set, as one far outlier makes it: whether more than a tenth of the
// points have another, not equal to it, within 64 + 2√d units. Rounding moves a distance by √(1/6) of a unit (standard
// deviation), beside an offset of d/6 that all squared distances share.
func (m *Matrix) blurred(v ann.Vectors) bool {
	step := (m.n + sampled - 1) / sampled
	limit := resolved + 2*math.Sqrt(float64(v.D))
	points, close := 0, 0
	for i := 0; i < m.n; i += step {
		points++
		for j, squared := range m.Row(int32(i)) {
			if float64(squared) < limit*limit && !slices.Equal(v.Row(i), v.Row(j)) {
				close++
				break
			}
		}
	}
	return 10*close > points
}
