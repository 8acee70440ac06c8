package exact

import (
	"context"
	"math"
	"math/bits"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/tile"
)

// panels are prepared vectors in the layout of package tile.
type panels struct {
	width  int
	floats []float32 // of a panel after the other
	norms  []float32 // ‖x‖², 0 for the inner product
}

// fill replaces the panels by the rows ids of p, prepared and multiplied by a power of two. The last panel is completed by zero vectors
// with the given norm.
func (f *frame) fill(into *panels, p *points, ids []int32, factor, norm float32) {
	width, d := into.width, p.D
	count := (len(ids) + width - 1) / width
	into.floats = slices.Grow(into.floats[:0], count*width*d)[:count*width*d]
	into.norms = slices.Grow(into.norms[:0], count*width)[:count*width]
	parallel.Each(context.Background(), count, func() (func(int) error, error) {
		row := make([]float32, d)
		return func(panel int) error {
			floats := into.floats[panel*width*d:][:width*d]
			for c := range width {
				if at := panel*width + c; at < len(ids) {
					into.norms[at] = max(0, f.prepare(p, int(ids[at]), row)) // −∞ for the inner product
				} else {
					into.norms[at] = norm
					clear(row)
				}
				for j, x := range row {
					floats[j*width+c] = x * factor
				}
			}
			return nil
		}, nil
	})
}

// Sizes of byTiles: a panel of vectors and a group of panels of queries fit into the second cache, and all groups are compared with
// so many vectors before the next vectors are prepared.
const (
	tileVectors  = 1024
	bytesOfGroup = 64 << 10
)

// byTiles offers the rows ids of the base to all queries. A group of queries is compared by one core at a time.
func (a *addition) byTiles(ctx context.Context, ids []int32) error {
	factor := float32(-2) // of ‖a − b‖² = ‖a‖² + ‖b‖² − 2a·b
	if a.frame.metric == ann.InnerProduct {
		factor = -1
	}
	queries, vectors := panels{width: a.tiles.Rows}, panels{width: a.tiles.Columns}
	a.frame.fill(&queries, &a.queries, inOrder(a.queries.N), factor, 0)
	count := len(queries.norms) / queries.width
	size := max(1, min(bytesOfGroup/(4*a.base.D*queries.width), count/(8*parallel.Limit(count))))
	tiles := make([]tile.Tile, parallel.Limit(count))
	for done := 0; done < len(ids); {
		if err := ctx.Err(); err != nil {
			return err
		}
		chunk := ids[done:min(done+tileVectors, len(ids))]
		a.frame.fill(&vectors, a.base, chunk, 1, float32(math.NaN())) // NaN is at most no limit
		parallel.Workers((count+size-1)/size, len(tiles), func(worker, group int) {
			for v := range len(vectors.norms) / vectors.width {
				for q := group * size; q < min((group+1)*size, count); q++ {
					a.tile(&tiles[worker], &queries, &vectors, q, v, chunk)
				}
			}
		})
		done += len(chunk)
		a.compared(done)
	}
	return nil
}

// tile offers the vectors of panel v to the queries of panel q; ids are the rows of all panels of vectors.
func (a *addition) tile(t *tile.Tile, queries, vectors *panels, q, v int, ids []int32) {
	rows, columns, d := queries.width, vectors.width, a.base.D
	first, from := q*rows, v*columns
	a.tiles.Compute(t, d, queries.floats[first*d:], vectors.floats[from*d:], queries.norms[first:], vectors.norms[from:], a.limits[first:])
	for r, found := range t.AtMost[:rows] {
		for ; found != 0; found &= found - 1 {
			c := bits.TrailingZeros32(found)
			value := t.Values[r*columns+c]
			if a.frame.metric != ann.InnerProduct {
				value = max(0, value)
			}
			if value <= a.limits[first+r] { // which falls
				a.keep(first+r, value, ids[from+c])
			}
		}
	}
}
