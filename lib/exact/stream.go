package exact

import (
	"context"
	"fmt"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// Stream finds the k nearest neighbours of a set of queries in a base that is given in blocks, so that only one block need be in
// memory. Neighbours are sorted by their distances in double precision, ties by ID. The result does not depend on the sizes or the
// order of the blocks, or on GOMAXPROCS. Under the cosine the same holds for vectors of the same direction as in package exact.
//
// The methods of a Stream must not be called concurrently; Add uses all cores.
type Stream struct {
	queries points
	k       int
	self    []int32
	lists   [][]ranked // by query, ascending, at most k
}

// StreamOptions are the options of NewStream. The zero value is valid.
type StreamOptions struct {
	// Self holds for each query the ID of the base vector that it is, which is excluded from its list; −1 means none. Nil means
	// that no query is a base vector.
	Self []int32
}

// NewStream returns a Stream without a base. It keeps the queries, which must not change. It is an error if k < 1, if a coordinate
// is not finite, if Self has another length than the queries, or under the cosine if a query is a zero vector.
func NewStream(queries ann.Vectors, k int, metric ann.Metric, o StreamOptions) (*Stream, error) {
	if k < 1 {
		return nil, fmt.Errorf("exact: k = %d: want at least 1", k)
	}
	if o.Self != nil && len(o.Self) != queries.N {
		return nil, fmt.Errorf("exact: Self has %d IDs for %d queries", len(o.Self), queries.N)
	}
	p, err := newPoints(queries, metric)
	if err != nil {
		return nil, err
	}
	return &Stream{queries: p, k: k, self: o.Self, lists: make([][]ranked, queries.N)}, nil
}

// Add adds a block of the base, whose row i has the ID first + i. Each row must be added once; the order of the blocks is free. The
// block may be overwritten after the call. If Add returns an error, such as that of ctx, the Stream must not be used any more.
func (s *Stream) Add(ctx context.Context, first int, block ann.Vectors) error {
	if block.D != s.queries.D {
		return fmt.Errorf("exact: a block has %d dimensions, the queries %d", block.D, s.queries.D)
	}
	if first < 0 || first+block.N > math.MaxInt32 {
		return fmt.Errorf("exact: a block has the IDs %d to %d: they must be in 0 … 2³¹−2", first, first+block.N-1)
	}
	b, err := newPoints(block, s.queries.metric)
	if err != nil {
		return err
	}
	return parallel.Each(ctx, s.queries.N, func() (func(i int) error, error) {
		return func(i int) error { s.add(i, first, &b); return nil }, nil
	})
}

func (s *Stream) add(i, first int, b *points) {
	list := s.lists[i]
	for j := range b.N {
		if id := int32(first + j); s.self == nil || id != s.self[i] {
			list = append(list, ranked{b.value(&s.queries, i, j), id})
		}
	}
	slices.SortFunc(list, ranked.compare)
	s.lists[i] = slices.Clone(list[:min(s.k, len(list))])
}

// Neighbors returns the neighbours of each query among the blocks added so far: k, or all if there are fewer. It is an error if
// float32 cannot represent a distance.
func (s *Stream) Neighbors() ([]ann.Neighbors, error) {
	lists := make([]ann.Neighbors, s.queries.N)
	f := finder{frame: &frame{metric: s.queries.metric, scale: 1}}
	return lists, each(len(lists), func(i int) (err error) {
		lists[i], err = f.neighbors(int32(i), s.lists[i])
		return err
	})
}
