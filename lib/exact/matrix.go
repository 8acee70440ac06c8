package exact

import (
	"context"
	"sync"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/memory"
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
	f := newFrame(base, ann.Euclidean)
	columns, err := blocks(base, inOrder(base.N), f.columnBlock)
	if err != nil {
		return nil, err
	}
	defer release(columns)
	m := &Matrix{n: base.N, squared: make([]float32, base.N*base.N)}
	memory.Advise(m.squared)
	err = f.upperHalf(ctx, k, base, columns, func(p pairs, squared []float32) { m.put(p, squared) })
	if err != nil {
		return nil, err
	}
	for i := range m.n {
		m.squared[i*m.n+i] = 0
	}
	return m, nil
}

// upperHalf calls use with the values of every two blocks of the base, each with itself too, as kernel.values does: of a pair
// the earlier block gives the rows.
func (f frame) upperHalf(ctx context.Context, k *kernel, base ann.Vectors, columns []*block, use func(p pairs, values []float32)) error {
	var rows []*block
	defer func() { release(rows) }()
	for _, c := range columns {
		own, err := f.rowBlock(base, c.ids, c.size)
		if err != nil {
			return err
		}
		rows = append(rows, own)
		for _, r := range rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := k.values(r, c, func(values []float32) { use(pairs{base, base, r, c}, values) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// tile is how many rows are mirrored or turned at a time: they and what they become both fit into the cache.
const tile = 32

// put stores a block of vectors in order and its mirror image. Of a block on the diagonal the upper half is stored, and its
// mirror image is the lower half: symmetry holds to the bit.
func (m *Matrix) put(p pairs, squared []float32) {
	ids, columns := p.rowBlock.ids, p.colBlock.ids
	parallel.For((len(ids)+tile-1)/tile, func(t int) {
		from, to := t*tile, min((t+1)*tile, len(ids))
		for i := from; i < to; i++ {
			upper := 0
			if p.diagonal() {
				upper = i
			}
			row := m.Row(ids[i])[columns[0]:][:len(columns)]
			copy(row[upper:], squared[i*p.colBlock.size+upper:][:len(columns)-upper])
			p.refine(i, row, upper)
		}
		m.mirror(p, from, to)
	})
}

// mirror copies rows from … to of a block into the columns of its mirror image.
func (m *Matrix) mirror(p pairs, from, to int) {
	ids := p.rowBlock.ids
	for j, id := range p.colBlock.ids {
		column := m.Row(id)[ids[0]:]
		last := to
		if p.diagonal() {
			last = min(to, j)
		}
		for i := from; i < last; i++ {
			column[i] = m.squared[int(ids[i])*m.n+int(id)]
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
