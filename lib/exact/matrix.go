package exact

import (
	"context"
	"sync"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/memory"
	"anncapacity/lib/internal/parallel"
)

// Matrix holds the squared L2 distances between all pairs of n vectors. It is symmetric with a zero diagonal and takes
// n² float32 (400 MB for n = 10,000). The same matrix is used for exact search, the construction of an index and every
// walk.
type Matrix struct {
	n       int
	squared []float32 // row-major
	points  points
	frame   *frame
}

// Len returns n, the number of vectors.
func (m *Matrix) Len() int { return m.n }

// Scale returns the power of two by which the vectors were multiplied. It is 1 for vectors that ann.CheckRange accepts.
func (m *Matrix) Scale() float64 { return m.frame.scale }

// Row returns a view of the squared distances of vector i to all n vectors, times Scale². Values below 2⁻¹⁰⁰ have fewer
// digits than others; NearestIDs and Neighbors do not depend on them.
func (m *Matrix) Row(i int32) []float32 { return m.squared[int(i)*m.n : (int(i)+1)*m.n] }

// AllPairs computes the matrix of base from the upper half of its blocks. Cancelling ctx stops it between two blocks.
// Equal vectors have equal rows. It is an error if a coordinate is not finite.
func AllPairs(ctx context.Context, base ann.Vectors) (*Matrix, error) {
	p := points{Vectors: base, metric: ann.Euclidean}
	f, err := newFrame(&p, &p)
	if err != nil {
		return nil, err
	}
	k, err := newValues(ann.Euclidean)
	if err != nil {
		return nil, err
	}
	defer k.release()
	columns, err := blocks(&p, inOrder(base.N), blockRows, f.columnBlock)
	if err != nil {
		return nil, err
	}
	defer release(columns)
	m := &Matrix{n: base.N, squared: make([]float32, base.N*base.N), points: p, frame: f}
	memory.Advise(m.squared)
	err = f.upperHalf(ctx, k, &p, columns, func(p pairs, squared []float32) { m.put(p, squared) })
	if err != nil {
		return nil, err
	}
	for i := range m.n {
		m.squared[i*m.n+i] = 0
	}
	m.repeat(p.groups())
	return m, nil
}

// repeat makes the rows and columns of equal vectors equal. The products may differ in the last digit, depending on the
// position of a vector in its block.
func (m *Matrix) repeat(g groups) {
	if g.next == nil {
		return
	}
	parallel.For(len(g.first), func(i int) {
		row := m.Row(g.first[i])
		for _, first := range g.first {
			for id := g.next[first]; id >= 0; id = g.next[id] {
				row[id] = row[first]
			}
		}
	})
	parallel.For(len(g.first), func(i int) {
		for id := g.next[g.first[i]]; id >= 0; id = g.next[id] {
			copy(m.Row(id), m.Row(g.first[i]))
		}
	})
}

// upperHalf calls use, as kernel.values does, with the values of every pair of blocks of the base, including each block
// with itself. The earlier block of a pair provides the rows.
func (f *frame) upperHalf(ctx context.Context, k *kernel, base *points, columns []*block, use func(p pairs, values []float32)) error {
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
			if err := k.values(r, c, func(values []float32) { use(pairs{base, base, r, c, f.scale}, values) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// strip is the number of rows that are mirrored or transposed at a time. A strip and its result fit into the cache
// together.
const strip = 32

// put stores a block of values and its mirror image. Of a diagonal block only the upper half is stored; its mirror image
// is the lower half, so that the matrix is exactly symmetric.
func (m *Matrix) put(p pairs, squared []float32) {
	ids, columns := p.rowBlock.ids, p.colBlock.ids
	parallel.For((len(ids)+strip-1)/strip, func(t int) {
		from, to := t*strip, min((t+1)*strip, len(ids))
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

// mirror copies rows from … to−1 of a block into the columns of its mirror image.
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

// NearestIDs returns, for every vector, the IDs of its k nearest neighbours other than itself: n lists of k IDs in
// ascending order of distance, ties by ID. k ≥ n is an error.
func (m *Matrix) NearestIDs(k int) ([][]int32, error) {
	lists := make([][]int32, m.n)
	return lists, m.each(k, func(_ *finder, i int32, list []ranked) error {
		lists[i] = make([]int32, k)
		for j, r := range list {
			lists[i][j] = r.id
		}
		return nil
	})
}

// Neighbors returns the lists of NearestIDs with distances. It is an error if float32 cannot represent a distance.
func (m *Matrix) Neighbors(k int) ([]ann.Neighbors, error) {
	lists := make([]ann.Neighbors, m.n)
	return lists, m.each(k, func(f *finder, i int32, list []ranked) (err error) {
		lists[i], err = f.neighbors(i, list)
		return err
	})
}

func (m *Matrix) each(k int, use func(f *finder, i int32, list []ranked) error) error {
	if err := checkOthers(k, m.n); err != nil {
		return err
	}
	f := &finder{frame: m.frame, base: &m.points, queries: &m.points, k: k, self: ownID}
	pool := sync.Pool{New: func() any { return newNearest(k) }}
	return each(m.n, func(i int) error {
		s := pool.Get().(*nearest)
		defer pool.Put(s)
		s.reset()
		s.setMargin(f.margin(f.queries, i))
		s.offerAll(m.Row(int32(i)), i)
		return use(f, int32(i), f.ranked(s, int32(i)))
	})
}
