package partition

import (
	"context"
	"math"
	"math/bits"

	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/tile"
)

// groupVectors is the number of vectors that one core compares with all centroids: whole panels of every kernel, which fit into the
// second cache with a panel of centroids, and whole tiles of the sums.
const groupVectors = 3 * tileVectors

// put sets the vector at a place to another, moved by the mean and multiplied by a power of two. It returns the squared length of the
// moved vector. row is scratch.
func (s *search) put(to *tile.Panels, at int, vector []float32, factor float64, row []float32) float64 {
	length := s.move(row, vector, factor)
	to.Put(at, row, math.Abs(factor)*math.Sqrt(length))
	return length
}

// byKernel does what run does by the kernel, with groups of vectors on all cores.
func (s *search) byKernel(ctx context.Context, prepare func() use) error {
	centroids := s.panels()
	groups := (s.size + groupVectors - 1) / groupVectors // of a block
	n := s.vectors.N/s.size*groups + (s.vectors.N%s.size+groupVectors-1)/groupVectors
	return parallel.Each(ctx, n, func() (func(int) error, error) {
		g, use := s.newGroup(centroids), prepare()
		return func(at int) error {
			first := at/groups*s.size + at%groups*groupVectors
			g.fill(first, min(groupVectors, (at/groups+1)*s.size-first, s.vectors.N-first))
			g.compare()
			for i, vector := range g.rows {
				use(first+i, vector, g.selections[i].end())
			}
			s.finished(len(g.rows))
			return nil
		}, nil
	})
}

// panels returns the centroids times −2 with their squared lengths. No value of the vectors that complete the last panel is at most a
// limit.
func (s *search) panels() *tile.Panels {
	p, row := s.kernel.NewColumns(s.centroids.D), make([]float32, s.centroids.D)
	p.Resize(s.centroids.N)
	for c := range p.Norms {
		if c < s.centroids.N {
			p.Norms[c] = float32(s.put(p, c, s.centroids.Row(c), -2, row))
			continue
		}
		clear(row)
		p.Norms[c] = float32(math.NaN())
		p.Put(c, row, 0)
	}
	return p
}

// group compares a group of vectors with all centroids.
type group struct {
	*search
	centroids  *tile.Panels
	moved      *tile.Panels // the vectors, with norms of 0, which no value contains
	rows       [][]float32  // the vectors, as they are
	scratch    []float32    // for rows of bytes
	row        []float32    // for a moved vector
	limits     []float32    // of the selections; −∞ for the rows that complete a panel
	selections []selection
	tile       tile.Tile
}

func (s *search) newGroup(centroids *tile.Panels) *group {
	d := s.vectors.D
	g := &group{search: s, centroids: centroids, moved: s.kernel.NewRows(d), rows: make([][]float32, 0, groupVectors),
		scratch: make([]float32, groupVectors*d), row: make([]float32, d), limits: make([]float32, groupVectors),
		selections: make([]selection, groupVectors)}
	g.moved.Resize(groupVectors)
	clear(g.moved.Norms)
	return g
}

// fill replaces the vectors by count others from first on.
func (g *group) fill(first, count int) {
	d := g.vectors.D
	g.rows = g.rows[:count]
	for i := range g.rows {
		row := g.vectors.Row(first+i, g.scratch[i*d:])
		length := g.put(g.moved, i, row, 1, g.row)
		g.begin(&g.selections[i], first+i, row, length)
		g.rows[i], g.limits[i] = row, g.selections[i].limit
	}
	for i := count; i < groupVectors; i++ {
		g.limits[i] = float32(math.Inf(-1))
	}
}

// compare selects the near centroids of all vectors, panel by panel.
func (g *group) compare() {
	rows, columns := g.kernel.Rows, g.kernel.Columns
	for c := range g.centroids.Len() {
		for first := 0; first < len(g.rows); first += rows {
			g.kernel.Compare(&g.tile, g.moved, first/rows, g.centroids, c, g.limits[first:])
			for r, found := range g.tile.AtMost[:rows] {
				if found != 0 {
					g.offer(first+r, found, g.tile.Values[r*columns:], c*columns)
				}
			}
		}
	}
}

// offer offers to the selection of a vector the values of a panel whose bits are found. The first centroid of the panel is from.
func (g *group) offer(i int, found uint32, values []float32, from int) {
	s := &g.selections[i]
	for ; found != 0; found &= found - 1 {
		c := bits.TrailingZeros32(found)
		if values[c] <= s.limit { // which falls
			s.keep(values[c], int32(from+c))
		}
	}
	g.limits[i] = s.limit
}
