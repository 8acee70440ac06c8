package exact

import (
	"context"
	"math"
	"math/bits"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/tile"
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
	queries, vectors := panels{width: a.tiles.Rows}, panels{width: a.tiles.Columns}
	a.frame.fill(&queries, &a.queries, inOrder(a.queries.N), factor, 0)
	count := len(queries.norms) / queries.width
	size := a.groupSize(count)
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

// groupSize returns the number of panels of queries in a group, of count panels. There are at least eight groups for each core, and
// every core has as many.
func (a *addition) groupSize(count int) int {
	most := max(1, bytesOfGroup/(4*a.base.D*a.tiles.Rows))
	cores := parallel.Limit(count)
	rounds := max(8, (count+most*cores-1)/(most*cores))
	return (count + rounds*cores - 1) / (rounds * cores)
}

// tile offers the vectors of panel v to the queries of panel q; ids are the rows of all panels of vectors.
func (a *addition) tile(t *tile.Tile, queries, vectors *panels, q, v int, ids []int32) {
	rows, columns, d := queries.width, vectors.width, a.base.D
	first, from := q*rows, v*columns
	if pairs := (d + 1) / 2; a.tiles.Words {
		a.tiles.ComputeWords(t, pairs, queries.pairs[first*pairs:], vectors.pairs[from*pairs:], queries.units[first:], vectors.units[from:],
			queries.norms[first:], vectors.norms[from:], a.limits[first:])
	} else {
		a.tiles.Compute(t, d, queries.floats[first*d:], vectors.floats[from*d:], queries.norms[first:], vectors.norms[from:], a.limits[first:])
	}
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
