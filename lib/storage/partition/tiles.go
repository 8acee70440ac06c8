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

// panels are vectors in the layout of package tile.
type panels struct {
	width  int
	floats []float32 // of a panel after the other
	pairs  []int32   // instead, if the kernel compares words
	units  []float32 // of the words
	row    []float32 // of one vector
	words  []int32   // of one vector
}

// newPanels returns panels of so many vectors, each of them full.
func (s *search) newPanels(n, width int) *panels {
	d := s.vectors.D
	if !s.kernel.Words {
		return &panels{width: width, floats: make([]float32, n*d), row: make([]float32, d)}
	}
	pairs := (d + 1) / 2
	return &panels{width: width, pairs: make([]int32, n*pairs), units: make([]float32, n), row: make([]float32, d), words: make([]int32, pairs)}
}

// put sets the vector at a place to another, moved by the mean and multiplied by a power of two. It returns the squared length of the
// moved vector.
func (s *search) put(to *panels, at int, vector []float32, factor float64) float64 {
	length := s.move(to.row, vector, factor)
	if s.kernel.Words {
		to.units[at] = tile.Round(to.words, to.row, math.Abs(factor)*math.Sqrt(length))
		tile.Scatter(to.pairs, to.words, at, to.width)
	} else {
		tile.Scatter(to.floats, to.row, at, to.width)
	}
	return length
}

// byKernel does what run does by the kernel, with groups of vectors on all cores.
func (s *search) byKernel(ctx context.Context, prepare func() use) error {
	centroids, norms := s.panels()
	groups := (s.size + groupVectors - 1) / groupVectors // of a block
	n := s.vectors.N/s.size*groups + (s.vectors.N%s.size+groupVectors-1)/groupVectors
	return parallel.Each(ctx, n, func() (func(int) error, error) {
		g, use := s.newGroup(centroids, norms), prepare()
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

// panels returns the centroids times −2 and their squared lengths. No value of the vectors that complete the last panel is at most a
// limit.
func (s *search) panels() (*panels, []float32) {
	width := s.kernel.Columns
	n := (s.centroids.N + width - 1) / width * width
	p, norms := s.newPanels(n, width), slices.Repeat([]float32{float32(math.NaN())}, n)
	for c := range s.centroids.N {
		norms[c] = float32(s.put(p, c, s.centroids.Row(c), -2))
	}
	return p, norms
}

// group compares a group of vectors with all centroids.
type group struct {
	*search
	centroids  *panels
	norms      []float32   // of the centroids
	moved      *panels     // the vectors
	rows       [][]float32 // the vectors, as they are
	scratch    []float32   // for rows of bytes
	zeros      []float32   // their norms, which no value contains
	limits     []float32   // of the selections; −∞ for the rows that complete a panel
	selections []selection
	tile       tile.Tile
}

func (s *search) newGroup(centroids *panels, norms []float32) *group {
	return &group{search: s, centroids: centroids, norms: norms, moved: s.newPanels(groupVectors, s.kernel.Rows),
		rows: make([][]float32, 0, groupVectors), scratch: make([]float32, groupVectors*s.vectors.D), zeros: make([]float32, tile.MostRows),
		limits: make([]float32, groupVectors), selections: make([]selection, groupVectors)}
}

// fill replaces the vectors by count others from first on.
func (g *group) fill(first, count int) {
	d := g.vectors.D
	g.rows = g.rows[:count]
	for i := range g.rows {
		row := g.vectors.Row(first+i, g.scratch[i*d:])
		length := g.put(g.moved, i, row, 1)
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
	for from := 0; from < len(g.norms); from += columns {
		for first := 0; first < len(g.rows); first += rows {
			g.tileOf(first, from)
			for r, found := range g.tile.AtMost[:rows] {
				if found != 0 {
					g.offer(first+r, found, g.tile.Values[r*columns:], from)
				}
			}
		}
	}
}

// tileOf computes the tile of a panel of vectors, which begins with first, and a panel of centroids, which begins with from.
func (g *group) tileOf(first, from int) {
	d := g.vectors.D
	if pairs := (d + 1) / 2; g.kernel.Words {
		g.kernel.ComputeWords(&g.tile, pairs, g.moved.pairs[first*pairs:], g.centroids.pairs[from*pairs:], g.moved.units[first:],
			g.centroids.units[from:], g.zeros, g.norms[from:], g.limits[first:])
		return
	}
	g.kernel.Compute(&g.tile, d, g.moved.floats[first*d:], g.centroids.floats[from*d:], g.zeros, g.norms[from:], g.limits[first:])
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
