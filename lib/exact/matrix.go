package exact

import (
	"context"
	"sync"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/hugepages"
	"anncapacity/lib/internal/parallel"
)

// Matrix holds the squared L2 distance between every two of n vectors: symmetric, zero on the diagonal, n²
// float32 (400 MB for 10,000). One matrix serves exact search, the construction of an index and every walk.
type Matrix struct {
	n       int
	squared []float32 // row-major
}

// Len is n.
func (m *Matrix) Len() int { return m.n }

// Row is the squared distances of vector i to all n, a view.
func (m *Matrix) Row(i int32) []float32 { return m.squared[int(i)*m.n : (int(i)+1)*m.n] }

// AllPairs computes the matrix from the upper half of its blocks. Cancelling ctx stops it between two blocks.
func AllPairs(ctx context.Context, base ann.Vectors) (*Matrix, error) {
	k, err := newKernel(ann.Euclidean)
	if err != nil {
		return nil, err
	}
	defer k.release()
	blocks := newFrame(base, ann.Euclidean).blocksOf(base, blockSize(base.N))
	defer release(blocks)
	m := &Matrix{n: base.N, squared: make([]float32, base.N*base.N)}
	hugepages.Advise(m.squared)
	for i, q := range blocks {
		for _, b := range blocks[i:] {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			p := pairs{base, base, q, b}
			if err := k.values(q, b, func(squared []float32) { m.put(p, squared) }); err != nil {
				return nil, err
			}
		}
	}
	for i := range m.n {
		m.squared[i*m.n+i] = 0
	}
	return m, nil
}

// tile is how many rows are mirrored at a time: a tile of the block and its mirror both fit into the cache.
const tile = 32

// put stores a block and its mirror image. Of a block on the diagonal the upper half is stored, and its mirror
// image is the lower half: symmetry holds to the bit.
func (m *Matrix) put(p pairs, squared []float32) {
	q, b := p.q, p.b
	parallel.For((q.rows+tile-1)/tile, func(t int) {
		from, to := t*tile, min((t+1)*tile, q.rows)
		for i := from; i < to; i++ {
			upper := 0
			if q == b {
				upper = i
			}
			start := (q.first+i)*m.n + b.first
			row := m.squared[start : start+b.rows]
			copy(row[upper:], squared[i*b.size+upper:i*b.size+b.rows])
			p.refine(i, row, upper)
		}
		m.mirror(q, b, from, to)
	})
}

// mirror copies rows from … to of block (q, b) into the columns of its mirror image.
func (m *Matrix) mirror(q, b *block, from, to int) {
	for j := range b.rows {
		column := m.squared[(b.first+j)*m.n+q.first:]
		last := to
		if q == b {
			last = min(to, j)
		}
		for i := from; i < last; i++ {
			column[i] = m.squared[(q.first+i)*m.n+b.first+j]
		}
	}
}

// NearestIDs lists, for every vector, the IDs of its k nearest others, nearest first, ties by ID: n lists of k.
// k ≥ n is an error.
func (m *Matrix) NearestIDs(k int) ([][]int32, error) {
	if err := ann.CheckK(k, m.n-1); err != nil {
		return nil, err
	}
	lists := make([][]int32, m.n)
	m.each(k, func(i int, s *nearest) { lists[i] = s.ids(make([]int32, 0, k)) })
	return lists, nil
}

// Neighbors is NearestIDs with distances.
func (m *Matrix) Neighbors(k int) ([]ann.Neighbors, error) {
	if err := ann.CheckK(k, m.n-1); err != nil {
		return nil, err
	}
	lists := make([]ann.Neighbors, m.n)
	m.each(k, func(i int, s *nearest) { lists[i] = s.neighbors(root) })
	return lists, nil
}

func (m *Matrix) each(k int, use func(i int, s *nearest)) {
	pool := sync.Pool{New: func() any { return newNearest(k) }}
	parallel.For(m.n, func(i int) {
		s := pool.Get().(*nearest)
		defer pool.Put(s)
		s.all(m.Row(int32(i)), i)
		use(i, s)
	})
}
