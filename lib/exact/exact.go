// Package exact finds true nearest neighbours, the ground truth of every measure: by brute force, as blocked
// matrix products on GoMLX. ‖a − b‖² = ‖a‖² + ‖b‖² − 2a·b on centred vectors; pairs so close that this
// cancels are computed again from their coordinates. Ties are broken by ID, and a query that is itself an indexed
// point is left out by identity.
package exact

import (
	"context"
	"fmt"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// Index searches a set of vectors exactly. It implements ann.Searcher.
type Index struct{ base ann.Vectors }

// New wraps base; nothing is copied or computed.
func New(base ann.Vectors) *Index { return &Index{base} }

// Search finds the k nearest of one query by scanning all vectors.
func (x *Index) Search(query ann.Query, k int) (ann.Neighbors, error) {
	if err := ann.CheckQuery(query, k, x.base.N, x.base.D); err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	squared := make([]float32, x.base.N)
	parallel.For(x.base.N, func(i int) { squared[i] = ann.SquaredL2(query.Vector, x.base.Row(i)) })
	skip := -1
	if id, ok := query.Self(); ok {
		skip = int(id)
	}
	s := newNearest(k)
	s.offer(squared, 0, skip)
	return s.neighbors(), nil
}

// SearchBatch finds the k nearest of every query vector; none of them counts as an indexed point. Memory beyond
// the two sets is one block of distances and 2k candidates for each of blockRows queries.
func (x *Index) SearchBatch(ctx context.Context, queries ann.Vectors, k int) ([]ann.Neighbors, error) {
	if queries.D != x.base.D {
		return nil, fmt.Errorf("exact: queries have %d dimensions, the index %d", queries.D, x.base.D)
	}
	if err := ann.CheckK(k, x.base.N); err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	return x.search(ctx, queries, k, noSelf)
}

// SearchAll finds the k nearest others of every indexed point.
func (x *Index) SearchAll(ctx context.Context, k int) ([]ann.Neighbors, error) {
	if err := ann.CheckK(k, x.base.N-1); err != nil {
		return nil, fmt.Errorf("exact: %w", err)
	}
	return x.search(ctx, x.base, k, ownRow)
}

// noSelf and ownRow say which indexed point a query must leave out, by the query's row; −1 is none.
func noSelf(int) int       { return -1 }
func ownRow(query int) int { return query }

// search streams every block of the base past one block of queries after another.
func (x *Index) search(ctx context.Context, queries ann.Vectors, k int, self func(query int) int) ([]ann.Neighbors, error) {
	kern, err := newKernel()
	if err != nil {
		return nil, err
	}
	defer kern.release()
	mean := center(x.base)
	s := scan{kernel: kern, base: blocksOf(x.base, mean, blockSize(x.base.N)), vectors: x.base, k: k, self: self}
	defer release(s.base)
	lists := make([]ann.Neighbors, 0, queries.N)
	size := blockSize(queries.N)
	for first := 0; first < queries.N; first += size {
		q := blockOf(queries, mean, first, size)
		found, err := s.block(ctx, queries, q)
		release([]*block{q})
		if err != nil {
			return nil, err
		}
		lists = append(lists, found...)
	}
	return lists, nil
}

// scan is one search of many queries.
type scan struct {
	kernel  *kernel
	base    []*block
	vectors ann.Vectors // what base is made of
	k       int
	self    func(query int) int
}

// block answers one block of queries.
func (s scan) block(ctx context.Context, queries ann.Vectors, q *block) ([]ann.Neighbors, error) {
	found := make([]*nearest, q.rows)
	for i := range found {
		found[i] = newNearest(s.k)
	}
	for _, b := range s.base {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p := pairs{queries, s.vectors, q, b}
		err := s.kernel.distances(q, b, func(squared []float32) {
			parallel.For(q.rows, func(i int) {
				row := slices.Clone(squared[i*b.size : i*b.size+b.rows])
				p.refine(i, row, 0)
				found[i].offer(row, b.first, s.self(q.first+i)-b.first)
			})
		})
		if err != nil {
			return nil, err
		}
	}
	lists := make([]ann.Neighbors, q.rows)
	parallel.For(q.rows, func(i int) { lists[i] = found[i].neighbors() })
	return lists, nil
}
