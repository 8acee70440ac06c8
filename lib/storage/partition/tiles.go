package partition

import (
	"context"
	"math"
	"math/bits"
	"slices"

	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/tile"
)

// groupVectors is the number of vectors that one core compares with all centroids: whole panels of every kernel, which fit into the
// second cache with a panel of centroids, and whole tiles of the sums.
const groupVectors = 3 * tileVectors

// panels are the centroids in the layout of package tile.
type panels struct {
	count  int
	floats []float32 // −2c of a panel after the other
	norms  []float32 // ‖c‖²
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

// panels returns the centroids. No value of the vectors that complete the last panel is at most a limit.
func (s *search) panels() panels {
	width, d := s.kernel.Columns, s.centroids.D
	p := panels{count: (s.centroids.N + width - 1) / width}
	p.floats, p.norms = make([]float32, p.count*width*d), slices.Repeat([]float32{float32(math.NaN())}, p.count*width)
	parallel.For(p.count, func(panel int) {
		for c := panel * width; c < min((panel+1)*width, s.centroids.N); c++ {
			p.norms[c] = float32(s.move(p.floats[panel*width*d:][:width*d], width, c%width, s.centroids.Row(c), -2))
		}
	})
	return p
}

// group compares a group of vectors with all centroids.
type group struct {
	*search
	centroids  panels
	rows       [][]float32 // the vectors, as they are
	scratch    []float32   // for rows of bytes
	floats     []float32   // panels of the vectors
	zeros      []float32   // their norms, which no value contains
	limits     []float32   // of the selections; −∞ for the rows that complete a panel
	selections []selection
	tile       tile.Tile
}

func (s *search) newGroup(centroids panels) *group {
	d := s.vectors.D
	return &group{search: s, centroids: centroids, rows: make([][]float32, 0, groupVectors), scratch: make([]float32, groupVectors*d),
		floats: make([]float32, groupVectors*d), zeros: make([]float32, tile.MostRows), limits: make([]float32, groupVectors),
		selections: make([]selection, groupVectors)}
}

// fill replaces the vectors by count others from first on.
func (g *group) fill(first, count int) {
	width, d := g.kernel.Rows, g.vectors.D
	g.rows = g.rows[:count]
	for i := range g.rows {
		row := g.vectors.Row(first+i, g.scratch[i*d:])
		length := g.move(g.floats[i/width*width*d:][:width*d], width, i%width, row, 1)
		g.begin(&g.selections[i], first+i, row, length)
		g.rows[i], g.limits[i] = row, g.selections[i].limit
	}
	for i := count; i < groupVectors; i++ {
		g.limits[i] = float32(math.Inf(-1))
	}
}

// compare selects the near centroids of all vectors, panel by panel.
func (g *group) compare() {
	rows, columns, d := g.kernel.Rows, g.kernel.Columns, g.vectors.D
	for from := 0; from < g.centroids.count*columns; from += columns {
		floats, norms := g.centroids.floats[from*d:], g.centroids.norms[from:]
		for first := 0; first < len(g.rows); first += rows {
			g.kernel.Compute(&g.tile, d, g.floats[first*d:], floats, g.zeros, norms, g.limits[first:])
			for r, found := range g.tile.AtMost[:rows] {
				if found != 0 {
					g.offer(first+r, found, g.tile.Values[r*columns:], from)
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
