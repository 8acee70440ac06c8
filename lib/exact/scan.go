package exact

import (
	"context"
	"math/rand/v2"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// scan is the base on the device, in random order, and what computes on it.
type scan struct {
	frame  frame
	kernel *kernel
	n      int
	base   []*block // columns
}

func newScan(x *Index) (*scan, error) {
	f := newFrame(x.points, x.metric)
	kern, err := newKernel(x.metric)
	if err != nil {
		return nil, err
	}
	ids := inOrder(x.base.N)
	rand.New(rand.NewPCG(0, 0)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	base, err := blocks(x.points, ids, f.columnBlock)
	if err != nil {
		kern.release()
		return nil, err
	}
	return &scan{f, kern, len(ids), base}, nil
}

func (s *scan) release() {
	s.kernel.release()
	release(s.base)
}

// stream moves every block of the base past one group of queries after another.
func (x *Index) stream(ctx context.Context, queries ann.Vectors, k int, self func(query int32) int32) ([]ann.Neighbors, error) {
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
	group := x.groupOf(queries.N, k)
	found := newLists(min(group, queries.N), k)
	for first := 0; first < queries.N; first += group {
		ids := inOrder(queries.N)[first:min(first+group, queries.N)]
		if err := s.pass(ctx, x.points, measured, ids, found, self); err != nil {
			return nil, err
		}
		x.list(measured, ids, found, self, lists)
		x.report(float64(first+len(ids)) / float64(queries.N))
	}
	return lists, nil
}

// newLists is n empty lists.
func newLists(n, k int) []*nearest {
	found := make([]*nearest, n)
	for i := range found {
		found[i] = newNearest(k)
	}
	return found
}

// list turns found[i], what was found for the query ids[i], into its list.
func (x *Index) list(queries ann.Vectors, ids []int32, found []*nearest, self func(query int32) int32, lists []ann.Neighbors) {
	parallel.For(len(ids), func(i int) {
		s, id := found[i], ids[i]
		if len(s.keys) < s.k { // a limit was foreseen too low
			x.scanOne(s, queries.Row(int(id)), self(id))
		}
		lists[id] = s.neighbors(x.distance)
		s.reset()
	})
}

// pass offers every point of the base to the queries ids; found[i] is for ids[i].
func (s *scan) pass(ctx context.Context, base, queries ann.Vectors, ids []int32, found []*nearest, self func(query int32) int32) error {
	rows, err := blocks(queries, ids, s.frame.rowBlock)
	if err != nil {
		return err
	}
	defer release(rows)
	for _, c := range s.base {
		for i, r := range rows {
			if err := ctx.Err(); err != nil {
				return err
			}
			p := pairs{queries, base, r, c}
			err := s.kernel.values(r, c, func(values []float32) { p.offerColumns(values, found[i*r.size:], self, s.n) })
			if err != nil {
				return err
			}
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
	found := newLists(x.base.N, k) // by ID
	done, total := 0, len(s.base)*(len(s.base)+1)/2
	err = s.frame.upperHalf(ctx, s.kernel, x.points, s.base, func(p pairs, values []float32) {
		p.offerColumns(values, at(found, p.rowBlock.ids), ownID, s.n)
		if !p.diagonal() {
			p.offerRows(values, at(found, p.colBlock.ids), s.n)
		}
		done++
		x.report(float64(done) / float64(total))
	})
	if err != nil {
		return nil, err
	}
	lists := make([]ann.Neighbors, x.base.N)
	x.list(x.points, inOrder(x.base.N), found, ownID, lists)
	return lists, nil
}

func at(found []*nearest, ids []int32) []*nearest {
	some := make([]*nearest, len(ids))
	for i, id := range ids {
		some[i] = found[id]
	}
	return some
}

// offerColumns offers the vectors of the columns, of which there are n in all blocks, to those of the rows: row i, a query
// that must leave out the point self, has found[i].
func (p pairs) offerColumns(values []float32, found []*nearest, self func(query int32) int32, n int) {
	size, columns := p.colBlock.size, len(p.colBlock.ids)
	parallel.For(len(p.rowBlock.ids), func(i int) {
		row := values[i*size : i*size+columns]
		found[i].glance(row, 1, columns, n)
		found[i].offerPairs(&p, i, row, self(p.rowBlock.ids[i]))
		found[i].foresee(n)
	})
}

// offerRows offers the vectors of the rows, of which there are n in all blocks, to those of the columns: column j has
// found[j].
func (p pairs) offerRows(values []float32, found []*nearest, n int) {
	parallel.For((len(found)+tile-1)/tile, func(t int) {
		r := run{p, t * tile, found[t*tile : min((t+1)*tile, len(found))]}
		for j, s := range r.found {
			s.glance(values[r.first+j:], p.colBlock.size, len(p.rowBlock.ids), n)
		}
		r.offer(values)
		for _, s := range r.found {
			s.seen += len(p.rowBlock.ids)
			s.foresee(n)
		}
	})
}

// run is some columns of a block of values, from first on, to each of which all rows are offered.
type run struct {
	pairs
	first int
	found []*nearest // by column
}

func (r *run) offer(values []float32) {
	var spoilt, bounds [tile]float32
	for j, s := range r.found {
		spoilt[j] = refineBelow * (r.colBlock.norm[r.first+j] + r.rowBlock.largest)
		bounds[j] = max(s.limit, spoilt[j])
	}
	for i, id := range r.rowBlock.ids {
		row := values[i*r.colBlock.size+r.first:][:len(r.found)]
		for j, value := range row {
			if value <= bounds[j] {
				if value < spoilt[j] {
					if value = r.exact(i, r.first+j, value); value > r.found[j].limit {
						continue
					}
				}
				r.found[j].take(value, id)
				bounds[j] = max(r.found[j].limit, spoilt[j])
			}
		}
	}
}
