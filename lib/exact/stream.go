package exact

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/tile"
	"anncapacity/lib/internal/xla"
)

// Stream finds the k nearest neighbours of a set of queries in a base that is given in blocks, so that only one block need be in
// memory. Products in float32, or of vectors rounded to 16 bits, select candidates, with a bound of their error, and the candidates are
// compared in double precision. The result therefore does not depend on the sizes or the order of the blocks, on GOMAXPROCS, or on the
// processor. Equal vectors have equal distances, and so have vectors of exactly the same direction under the cosine. Ties are ordered by
// ID.
//
// The products are computed by the kernels of this CPU, or by XLA if it has none, or if GOMLX_BACKEND names a backend.
//
// In addition to the queries, the block and the lists a Stream allocates two copies of the queries, 2,000 vectors and at most 2k + 64
// candidates of each query; on a GPU 33,000 vectors and a bit for each of 500 million pairs. Blocks of ten thousand vectors or more are
// the fastest, on a GPU of a hundred thousand.
//
// The methods of a Stream must not be called concurrently; Add uses all cores.
type Stream struct {
	queries    points
	k          int
	self       []int32
	lists      [][]ranked // by query: the nearest of all settled points, ascending, at most k
	collectors []collector
	limits     []float32    // by query: products above it are rejected; −∞ for the rows that complete a panel
	tiles      *tile.Kernel // nil if XLA computes the products
	device     *device
	progress   func(share float64) // called in Add after each block of columns; may be nil
	row        int32               // number of the first query, for errors
}

// StreamOptions are the options of NewStream. The zero value is valid.
type StreamOptions struct {
	// Self holds for each query the ID of the base vector that it is, which is excluded from its list; −1 means none. Nil means
	// that no query is a base vector.
	Self []int32
}

// NewStream returns a Stream without a base. It keeps the queries, which must not change. It is an error if there are no queries,
// if k < 1, if Self has another length than the queries, or under the cosine if a query is a zero vector.
func NewStream(queries ann.Vectors, k int, metric ann.Metric, o StreamOptions) (*Stream, error) {
	if queries.N < 1 || k < 1 {
		return nil, fmt.Errorf("exact: %d queries, k = %d: both must be at least 1", queries.N, k)
	}
	if o.Self != nil && len(o.Self) != queries.N {
		return nil, fmt.Errorf("exact: Self has %d IDs for %d queries", len(o.Self), queries.N)
	}
	p, err := newPoints(queries, metric)
	if err != nil {
		return nil, err
	}
	return newStream(p, k, o.Self, newDevice()), nil
}

func newStream(queries points, k int, self []int32, on *device) *Stream {
	s := &Stream{queries: queries, k: k, self: self, device: on,
		lists: make([][]ranked, queries.N), collectors: make([]collector, queries.N)}
	if !xla.Named() {
		s.tiles = cmp.Or(tile.BestWords(), tile.Best())
	}
	return s
}

// Add adds a block of the base, whose row i has the ID first + i. Each row must be added once, in any order of the blocks. The
// block may be overwritten after the call. It is an error if a coordinate is not finite, or under the cosine if a vector is a zero
// vector. If Add returns an error, such as that of ctx, the Stream must not be used any more.
func (s *Stream) Add(ctx context.Context, first int, block ann.Vectors) error {
	if block.D != s.queries.D {
		return fmt.Errorf("exact: a block has %d dimensions, the queries %d", block.D, s.queries.D)
	}
	if first < 0 || first+block.N > math.MaxInt32 {
		return fmt.Errorf("exact: a block has the IDs %d to %d: they must be in 0 … 2³¹−2", first, first+block.N-1)
	}
	if block.N == 0 {
		return ctx.Err()
	}
	b, err := newPoints(block, s.queries.metric)
	if err == nil {
		err = s.add(ctx, first, &b)
	}
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the block of the IDs %d to %d: %w", first, first+block.N-1, err)
	}
	return err
}

// Neighbors returns the neighbours of each query among the blocks added so far: k, or all if there are fewer. It is an error if
// float32 cannot represent a distance.
func (s *Stream) Neighbors() ([]ann.Neighbors, error) {
	s.device.release() // a later Add allocates its memory anew
	return s.neighbors()
}

func (s *Stream) neighbors() ([]ann.Neighbors, error) {
	lists := make([]ann.Neighbors, s.queries.N)
	f := finder{frame: &frame{metric: s.queries.metric, scale: 1}}
	return lists, each(len(lists), func(i int) (err error) {
		lists[i], err = f.neighbors(s.row+int32(i), s.lists[i])
		return err
	})
}

// add compares the queries with the points b, which have the IDs first, first + 1 …
func (s *Stream) add(ctx context.Context, first int, b *points) (err error) {
	a := &addition{Stream: s, base: b, first: int32(first), farthest: -1}
	compare := a.byTiles
	if s.tiles != nil {
		if a.frame, err = newFrameFor(b, &s.queries, precision{onCPU: true}); err == nil {
			a.frame.words = s.tiles.Words
		}
	} else {
		a.frame, err = newFrame(b, &s.queries)
		compare = a.byXLA
	}
	if err != nil {
		return err
	}
	if s.limits == nil {
		s.limits = slices.Repeat([]float32{float32(math.Inf(-1))}, s.queries.N+tile.MostRows)
	}
	parallel.For(s.queries.N, a.begin)
	ids := inOrder(b.N) // in random order, so that the first columns give a limit that rejects most of the others
	rand.New(rand.NewPCG(0, 0)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	if err := compare(ctx, ids); err != nil {
		return err
	}
	parallel.For(s.queries.N, func(i int) { a.settle(i) })
	if w := a.wrong.Load(); w != nil {
		return w
	}
	return nil
}

// addition is one call of Add.
type addition struct {
	*Stream
	frame    *frame
	base     *points
	first    int32 // ID of row 0 of base
	wrong    atomic.Pointer[wrongProduct]
	farthest float64 // length of the longest row that was compared, prepared; −1: none
}

// compared reports that the first n rows of the base in the order of this call are compared.
func (a *addition) compared(n int) {
	if a.progress != nil {
		a.progress(float64(n) / float64(a.base.N))
	}
}
