package exact

import (
	"context"
	"math"
	"math/bits"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/tile"
	"anncapacity/lib/internal/vec"
)

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
	queries, vectors := a.tiles.NewRows(a.base.D), a.tiles.NewColumns(a.base.D)
	a.frame.fill(queries, &a.queries, inOrder(a.queries.N), factor, 0)
	count := queries.Len()
	size := a.groupSize(count)
	tiles := make([]tile.Tile, parallel.Limit(count))
	for done := 0; done < len(ids); {
		if err := ctx.Err(); err != nil {
			return err
		}
		chunk := ids[done:min(done+tileVectors, len(ids))]
		a.frame.fill(vectors, a.base, chunk, 1, float32(math.NaN())) // NaN is at most no limit
		a.reach(slices.Max(vectors.Norms[:len(chunk)]))
		parallel.Workers((count+size-1)/size, len(tiles), func(worker, group int) {
			for v := range vectors.Len() {
				for q := group * size; q < min((group+1)*size, count); q++ {
					first := q * queries.Width()
					a.tiles.Compare(&tiles[worker], queries, q, vectors, v, a.limits[first:])
					a.offerTile(&tiles[worker], first, chunk[v*vectors.Width():])
				}
			}
		})
		done += len(chunk)
		a.compared(done)
	}
	return nil
}

// groupSize returns the number of panels of queries in a group, of count panels. There are at least eight groups for each core, and
// every core has as many.
func (a *addition) groupSize(count int) int {
	most := max(1, bytesOfGroup/(4*a.base.D*a.tiles.Rows))
	cores := parallel.Limit(count)
	rounds := max(8, (count+most*cores-1)/(most*cores))
	return (count + rounds*cores - 1) / (rounds * cores)
}

// offerTile offers the vectors of a tile to its queries, which begin with first; ids are the rows of the vectors.
func (a *addition) offerTile(t *tile.Tile, first int, ids []int32) {
	for r, found := range t.AtMost[:a.tiles.Rows] {
		for ; found != 0; found &= found - 1 {
			c := bits.TrailingZeros32(found)
			value := t.Values[r*a.tiles.Columns+c]
			if a.frame.metric != ann.InnerProduct {
				value = max(0, value)
			}
			if value <= a.limits[first+r] { // which falls
				a.keep(first+r, value, ids[c])
			}
		}
	}
}

// fill replaces the panels by the rows ids of p, prepared and multiplied by a power of two. The last panel is completed by zero vectors
// with the given norm.
func (f *frame) fill(into *tile.Panels, p *points, ids []int32, factor, norm float32) {
	into.Resize(len(ids))
	parallel.Each(context.Background(), into.Len(), func() (func(int) error, error) {
		row := make([]float32, p.D)
		return func(panel int) error {
			for at := panel * into.Width(); at < (panel+1)*into.Width(); at++ {
				if at < len(ids) {
					into.Norms[at] = max(0, f.prepare(p, int(ids[at]), row)) // −∞ for the inner product
					f.put(into, at, row, factor)
					continue
				}
				clear(row)
				into.Norms[at] = norm
				into.PutSteps(at, row, 1)
			}
			return nil
		}, nil
	})
}

// vanishedWords bounds twice the error of a value that words of 0 cause, as a share of the longest vector. If x is so short, 2x·y is at
// most 2·tile.Shortest·‖y‖, and centred vectors are at most twice as long.
const vanishedWords = 16 * tile.Shortest

// put sets a vector of panels, whose norm is set, to a prepared one times a power of two. On a grid, words are whole steps of the grid and exact.
func (f *frame) put(into *tile.Panels, at int, row []float32, factor float32) {
	for j := range row {
		row[j] *= factor
	}
	scale := math.Abs(float64(factor))
	switch {
	case f.exact:
		into.PutSteps(at, row, scale*f.step)
	case f.metric == ann.InnerProduct:
		into.Put(at, row, math.Sqrt(vec.Dot(row, row)))
	default:
		into.Put(at, row, scale*math.Sqrt(float64(into.Norms[at])))
	}
}
