package exact

import (
	"context"
	"math/rand/v2"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// scan holds the base on the device, in random order, and the kernel that computes on it. Of equal rows only the first
// is included.
type scan struct {
	*frame
	kernel *kernel
	groups groups
	blocks []*block // columns
}

func newScan(base, queries *points) (*scan, error) {
	f, err := newFrame(base, queries)
	if err != nil {
		return nil, err
	}
	kern, err := newValues(base.metric)
	if err != nil {
		return nil, err
	}
	g := base.groups()
	ids := slices.Clone(g.first)
	rand.New(rand.NewPCG(0, 0)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	columns, err := blocks(base, ids, blockRows, f.columnBlock)
	if err != nil {
		kern.release()
		return nil, err
	}
	return &scan{f, kern, g, columns}, nil
}

// n returns the number of vectors in all blocks.
func (s *scan) n() int { return len(s.groups.first) }

func (s *scan) release() {
	s.kernel.release()
	release(s.blocks)
}

// finder returns the finder that completes the lists of a scan.
func (s *scan) finder(base, queries *points, k int, self func(query int32) int32) *finder {
	return &finder{frame: s.frame, base: base, queries: queries, next: s.groups.next, k: k, self: self}
}

// stream compares one group of queries after another with one part of the base after another.
func (x *Index) stream(ctx context.Context, queries *points, k int, self func(query int32) int32) ([]ann.Neighbors, error) {
	for _, p := range []*points{&x.points, queries} {
		if _, err := p.longest(); err != nil {
			return nil, err // it names the row among all
		}
	}
	on := newDevice()
	defer on.release()
	lists := make([]ann.Neighbors, 0, queries.N)
	size := x.groupOf(queries.N, k)
	for first := 0; first < queries.N; first += size {
		part := queries.slice(first, min(first+size, queries.N))
		compute := func() ([]ann.Neighbors, error) { return x.streamGroup(ctx, on, part, int32(first), queries.N, k, self) }
		group := x.Group
		if group == nil {
			group = func(_, _ int, compute func() ([]ann.Neighbors, error)) ([]ann.Neighbors, error) { return compute() }
		}
		found, err := group(first, part.N, compute)
		if err != nil {
			return nil, err
		}
		lists = append(lists, found...)
		x.report(float64(first+part.N) / float64(queries.N))
	}
	return lists, nil
}

// streamGroup compares one group of the queries, which begins with row first of n, with the base.
func (x *Index) streamGroup(ctx context.Context, on *device, queries points, first int32, n, k int, self func(query int32) int32) ([]ann.Neighbors, error) {
	own := make([]int32, queries.N)
	for i := range own {
		own[i] = self(first + int32(i))
	}
	s := newStream(queries, k, own, on)
	s.row = first
	for from := 0; from < x.base.N; from += s.device.part {
		part := x.points.slice(from, min(from+s.device.part, x.base.N))
		s.progress = func(share float64) {
			done := (float64(from) + share*float64(part.N)) / float64(x.base.N)
			x.report((float64(first) + done*float64(queries.N)) / float64(n))
		}
		if err := s.add(ctx, from, &part); err != nil {
			return nil, err
		}
	}
	return s.neighbors()
}

// newLists returns n empty lists.
func newLists(n, k int) []*nearest {
	found := make([]*nearest, n)
	for i := range found {
		found[i] = newNearest(k)
	}
	return found
}

// pairwise computes the value of every pair of points once and offers each point to the other.
func (x *Index) pairwise(ctx context.Context, k int) ([]ann.Neighbors, error) {
	s, err := newScan(&x.points, &x.points)
	if err != nil {
		return nil, err
	}
	defer s.release()
	find := s.finder(&x.points, &x.points, k, ownID)
	first := newLists(s.n(), find.candidateCount(s.n()))
	find.prepare(first, s.groups.first)
	found := make([]*nearest, x.base.N) // by ID
	for i, id := range s.groups.first {
		found[id] = first[i]
	}
	done, total := 0, len(s.blocks)*(len(s.blocks)+1)/2
	err = s.upperHalf(ctx, s.kernel, &x.points, s.blocks, func(p pairs, values []float32) {
		p.offerColumns(values, listsOf(found, p.rowBlock.ids), find.skip, s.n())
		if !p.diagonal() {
			p.offerRows(values, listsOf(found, p.colBlock.ids), s.n())
		}
		done++
		x.report(float64(done) / float64(total))
	})
	if err != nil {
		return nil, err
	}
	lists := make([]ann.Neighbors, x.base.N)
	return lists, find.groupLists(s.groups, first, lists)
}

func listsOf(found []*nearest, ids []int32) []*nearest {
	some := make([]*nearest, len(ids))
	for i, id := range ids {
		some[i] = found[id]
	}
	return some
}

// offerColumns offers the vectors of the columns to the vectors of the rows. found[i] collects the candidates of row i,
// self returns the point that its query excludes, and n is the number of column vectors in all blocks.
func (p pairs) offerColumns(values []float32, found []*nearest, self func(query int32) int32, n int) {
	size, columns := p.colBlock.size, len(p.colBlock.ids)
	parallel.For(len(p.rowBlock.ids), func(i int) {
		row := values[i*size : i*size+columns]
		found[i].limitFromSample(row, 1, columns, n)
		found[i].offerPairs(&p, i, row, self(p.rowBlock.ids[i]))
		found[i].lowerLimit(n)
	})
}

// offerRows offers the vectors of the rows to the vectors of the columns. found[j] collects the candidates of column j,
// and n is the number of row vectors in all blocks.
func (p pairs) offerRows(values []float32, found []*nearest, n int) {
	parallel.For((len(found)+strip-1)/strip, func(t int) {
		r := run{p, t * strip, found[t*strip : min((t+1)*strip, len(found))]}
		for j, s := range r.found {
			s.limitFromSample(values[r.first+j:], p.colBlock.size, len(p.rowBlock.ids), n)
		}
		r.offer(values)
		for _, s := range r.found {
			s.seen += len(p.rowBlock.ids)
			s.lowerLimit(n)
		}
	})
}

// run is a range of columns of a block of values, to which all rows of the block are offered.
type run struct {
	pairs
	first int        // first column of the range
	found []*nearest // by column
}

func (r *run) offer(values []float32) {
	var threshold, bounds [strip]float32
	for j, s := range r.found {
		threshold[j] = refineLimit(r.colBlock.norm[r.first+j], r.rowBlock.largest)
		bounds[j] = max(s.limit, threshold[j])
	}
	for i, id := range r.rowBlock.ids {
		row := values[i*r.colBlock.size+r.first:][:len(r.found)]
		for j, value := range row {
			if value <= bounds[j] {
				if value < threshold[j] {
					value = r.exact(i, r.first+j, value)
				}
				if value > r.found[j].limit {
					continue
				}
				r.found[j].take(value, id)
				bounds[j] = max(r.found[j].limit, threshold[j])
			}
		}
	}
}
