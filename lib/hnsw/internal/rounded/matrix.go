// Package rounded computes the distances or inner products of all pairs of a set of vectors after rounding the vectors to
// 16-bit integers. It is meant for computations that need the order of distances rather than their last digits, such as
// the construction of an index. The sums are sums of integers: they are the same on every machine, and take less than half
// the time of sums in float32.
package rounded

import (
	"context"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/memory"
	"anncapacity/lib/internal/parallel"
)

// Matrix holds a value for every pair of n points: the squared distance, or −2 times the inner product, in units of the
// grid that the vectors were rounded to.
type Matrix struct {
	n      int
	values []float32 // row-major
	block  memory.Block[float32]
}

// Free frees the memory of the matrix, which must not be used any more.
func (m *Matrix) Free() {
	m.block.Free()
	m.values = nil
}

// Row returns the values of point i relative to all n points. The result is a view.
func (m *Matrix) Row(i int32) []float32 { return m.values[int(i)*m.n : (int(i)+1)*m.n] }

// AllPairs returns the matrix of all pairs of v. It returns nil and no error if the grid is too coarse for v: see
// tooCoarse. It returns ctx.Err() if ctx is cancelled. The caller must call Free.
func AllPairs(ctx context.Context, v ann.Vectors, metric ann.Metric) (*Matrix, error) {
	p := round(v, metric)
	if p == nil {
		return nil, nil
	}
	defer p.block.Free()
	m := &Matrix{n: v.N, block: memory.Allocate[float32](v.N * v.N)}
	m.values = m.block.Data
	strips := make([]strip, parallel.Limit(len(p.norm)/tileColumns))
	for row := 0; row < v.N && ctx.Err() == nil; row += blockRows {
		m.fillRows(ctx, p, row, min(row+blockRows, v.N), strips)
	}
	if err := ctx.Err(); err != nil || metric != ann.InnerProduct && m.tooCoarse(v) {
		m.Free()
		return nil, err
	}
	return m, nil
}

// blockRows is the maximum number of rows of a block, a multiple of tileColumns. A block of 2048 dimensions has 4 MB, so
// that it remains in the last-level cache while it is combined with all columns.
const blockRows = 21 * tileColumns

// fillRows computes the values of the points first … last−1 relative to themselves and to all later points. It uses a worker for
// each of the strips.
func (m *Matrix) fillRows(ctx context.Context, p *points, first, last int, strips []strip) {
	parallel.Workers((m.n-first+tileColumns-1)/tileColumns, len(strips), func(worker, i int) {
		column := first + i*tileColumns
		out := &strips[worker]
		for row := first; row < min(last, column+tileColumns) && ctx.Err() == nil; row += stripRows {
			for t := range stripRows / tileRows {
				computeTile(p, row+t*tileRows, column, (*tile)(out[t*tileRows*tileColumns:]))
			}
			m.put(row, column, out)
		}
	})
}

// strip holds tiles one below the other. It has so many rows that the writes to a row of the transposed matrix fill whole
// cache lines.
type strip [stripRows * tileColumns]float32

const stripRows = tileColumns

// put stores a strip and its transpose.
func (m *Matrix) put(row, column int, s *strip) {
	rows, columns := min(stripRows, m.n-row), min(tileColumns, m.n-column)
	for i := range rows {
		copy(m.values[(row+i)*m.n+column:][:columns], s[i*tileColumns:])
	}
	if row == column {
		return
	}
	for j := range columns {
		transposed := m.values[(column+j)*m.n+row:][:rows]
		for i := range transposed {
			transposed[i] = s[i*tileColumns+j]
		}
	}
}

const (
	sampledPoints = 256 // maximum number of points that tooCoarse examines
	minDistance   = 64  // units of the grid
)

// tooCoarse reports whether the grid is too coarse for v, for example because of one far outlier. It is, if more than a
// tenth of the points have a different point within 64 + 2√d units. Rounding changes a distance by √(1/6) of a unit
// (standard deviation), in addition to an offset of d/6 that is common to all squared distances.
func (m *Matrix) tooCoarse(v ann.Vectors) bool {
	step := (m.n + sampledPoints - 1) / sampledPoints
	limit := minDistance + 2*math.Sqrt(float64(v.D))
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
