package exact

import (
	"context"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// stream moves every block of the base past one block of queries after another.
func (x *Index) stream(ctx context.Context, queries ann.Vectors, k int, self func(query int) int) ([]ann.Neighbors, error) {
	s, err := newScan(x)
	if err != nil {
		return nil, err
	}
	defer s.release()
	measured, err := x.measured(queries)
	if err != nil {
		return nil, err
	}
	lists := make([]ann.Neighbors, queries.N)
	size := blockSize(queries.N)
	found := make([]*nearest, size)
	for i := range found {
		found[i] = newNearest(k)
	}
	for first := 0; first < queries.N; first += size {
		q := s.frame.blockOf(measured, first, size)
		err := s.rows(ctx, pairs{queries: measured, base: x.points, q: q}, found, self)
		release([]*block{q})
		if err != nil {
			return nil, err
		}
		parallel.For(q.rows, func(i int) {
			lists[first+i] = found[i].neighbors(x.distance)
			found[i].reset()
		})
		x.report(float64(first+q.rows) / float64(queries.N))
	}
	return lists, nil
}

// scan is the base on the device, and what computes on it.
type scan struct {
	frame  frame
	kernel *kernel
	base   []*block
}

func newScan(x *Index) (*scan, error) {
	f := newFrame(x.points, x.metric)
	kern, err := newKernel(x.metric)
	if err != nil {
		return nil, err
	}
	return &scan{f, kern, f.blocksOf(x.points, blockSize(x.base.N))}, nil
}

func (s *scan) release() {
	release(s.base)
	s.kernel.release()
}

// rows offers every point of the base to the queries of block p.q; found[i] is for its row i.
func (s *scan) rows(ctx context.Context, p pairs, found []*nearest, self func(query int) int) error {
	for _, b := range s.base {
		if err := ctx.Err(); err != nil {
			return err
		}
		p.b = b
		err := s.kernel.values(p.q, b, func(values []float32) {
			parallel.For(p.q.rows, func(i int) {
				found[i].offerPairs(p, i, values[i*b.size:i*b.size+b.rows], self(p.q.first+i)-b.first)
			})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// pairwise measures every pair of points once, and offers each to the other.
func (x *Index) pairwise(ctx context.Context, k int) ([]ann.Neighbors, error) {
	s, err := newScan(x)
	if err != nil {
		return nil, err
	}
	defer s.release()
	found := make([]*nearest, x.base.N)
	for i := range found {
		found[i] = newNearest(k)
	}
	total := len(s.base) * (len(s.base) + 1) / 2
	for done, i := 0, 0; i < len(s.base); i++ {
		for _, b := range s.base[i:] {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			p := pairs{x.points, x.points, s.base[i], b}
			if err := s.kernel.values(p.q, p.b, func(values []float32) { p.offerBoth(values, found) }); err != nil {
				return nil, err
			}
			done++
			x.report(float64(done) / float64(total))
		}
	}
	lists := make([]ann.Neighbors, x.base.N)
	parallel.For(len(lists), func(i int) {
		lists[i], found[i] = found[i].neighbors(x.distance), nil
	})
	return lists, nil
}

// offerBoth offers the points of b to those of q, row by row, and those of q to those of b, column by column.
func (p pairs) offerBoth(values []float32, found []*nearest) {
	q, b := p.q, p.b
	parallel.For(q.rows, func(i int) {
		skip := -1
		if q == b {
			skip = i
		}
		found[q.first+i].offerPairs(p, i, values[i*b.size:i*b.size+b.rows], skip)
	})
	if q == b {
		return
	}
	parallel.For((b.rows+tile-1)/tile, func(t int) {
		from, to := t*tile, min((t+1)*tile, b.rows)
		columns{p, found[b.first:], from, to}.offer(values)
	})
}

// columns is a run of columns of a block of values: points of b, to each of which all points of q are offered.
type columns struct {
	pairs
	found    []*nearest // by column
	from, to int
}

func (c columns) offer(values []float32) {
	var bounds [tile]float32
	for j := c.from; j < c.to; j++ {
		bounds[j-c.from] = c.bound(j)
	}
	for i := range c.q.rows {
		row := values[i*c.b.size+c.from : i*c.b.size+c.to]
		for j, value := range row {
			if value > bounds[j] {
				continue
			}
			s := c.found[c.from+j]
			s.take(c.exact(i, c.from+j, value), int32(c.q.first+i))
			bounds[j] = c.bound(c.from + j)
		}
	}
}

// bound is the value above which no point of q can be among the nearest of column j, even if it is spoilt.
func (c columns) bound(j int) float32 {
	return max(c.found[j].limit, refineBelow*(c.b.norm[j]+c.q.largest))
}
