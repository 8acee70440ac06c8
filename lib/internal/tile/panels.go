package tile

import (
	"slices"

	"anncapacity/lib/internal/vec"
)

// Panels holds vectors in the layout that a Kernel compares, panel after panel.
type Panels struct {
	// Norms has a number for each vector, which is added to its products.
	Norms []float32

	width, d int
	words    bool
	floats   []float32 // of a panel after the other
	pairs    []int32   // instead, if the kernel compares words
	units    []float32 // of the words of each vector
}

// NewRows returns panels without vectors for the queries of the kernel.
func (k *Kernel) NewRows(d int) *Panels { return &Panels{width: k.Rows, d: d, words: k.Words} }

// NewColumns returns panels without vectors for the vectors of the kernel.
func (k *Kernel) NewColumns(d int) *Panels { return &Panels{width: k.Columns, d: d, words: k.Words} }

// Resize makes room for n vectors and those that complete the last panel. All vectors and norms must be set again.
func (p *Panels) Resize(n int) {
	n = (n + p.width - 1) / p.width * p.width
	p.Norms = slices.Grow(p.Norms[:0], n)[:n]
	if !p.words {
		p.floats = slices.Grow(p.floats[:0], n*p.d)[:n*p.d]
		return
	}
	p.units = slices.Grow(p.units[:0], n)[:n]
	p.pairs = slices.Grow(p.pairs[:0], n*p.steps())[:n*p.steps()]
}

// Len returns the number of panels, and Width that of the vectors of each.
func (p *Panels) Len() int   { return len(p.Norms) / p.width }
func (p *Panels) Width() int { return p.width }

// steps returns the number of pairs of words of a vector.
func (p *Panels) steps() int { return (p.d + 1) / 2 }

// Put sets a vector. Words are rounded in a unit of its length, which must be right up to the precision of float32; see WordError.
// It may be called for different places at the same time.
func (p *Panels) Put(at int, x []float32, length float64) {
	switch {
	case !p.words:
		Scatter(p.floats, x, at, p.width)
	case length > Shortest:
		p.round(at, x, float32(mostWord/length), float32(length/mostWord))
	default:
		p.round(at, x, 0, 0)
	}
}

// PutSteps does what Put does for a vector of whole multiples of step, which are exact as words. The step is a power of two.
func (p *Panels) PutSteps(at int, x []float32, step float64) {
	if p.words {
		p.round(at, x, float32(1/step), float32(step))
		return
	}
	Scatter(p.floats, x, at, p.width)
}

// round sets a vector to factor · x, rounded, in the given unit.
func (p *Panels) round(at int, x []float32, factor, unit float32) {
	const some = 64
	var pairs [some]int32
	p.units[at] = unit
	to := p.pairs[at/p.width*p.width*p.steps()+at%p.width:]
	for from := 0; from < len(x); from += 2 * some {
		part := x[from:min(from+2*some, len(x))]
		vec.Round(pairs[:], part, factor)
		for j, pair := range pairs[:(len(part)+1)/2] {
			to[(from/2+j)*p.width] = pair
		}
	}
}

// Scatter writes a vector to its place among panels of so many vectors.
func Scatter(panels, vector []float32, at, width int) {
	to := panels[at/width*width*len(vector)+at%width:]
	for j, x := range vector {
		to[j*width] = x
	}
}

// Compare fills t for panel r of rows and panel c of columns. limits has an element for each row of the panel.
func (k *Kernel) Compare(t *Tile, rows *Panels, r int, columns *Panels, c int, limits []float32) {
	first, from, d := r*rows.width, c*columns.width, rows.d
	if steps := rows.steps(); k.Words {
		k.computeWords(t, steps, rows.pairs[first*steps:], columns.pairs[from*steps:], rows.units[first:], columns.units[from:],
			rows.Norms[first:], columns.Norms[from:], limits)
		return
	}
	k.compute(t, d, rows.floats[first*d:], columns.floats[from*d:], rows.Norms[first:], columns.Norms[from:], limits)
}
