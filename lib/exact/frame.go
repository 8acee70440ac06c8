package exact

import (
	"math"
	"slices"
	"sync"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/tile"
	"anncapacity/lib/internal/vec"
	"anncapacity/lib/internal/xla"
)

// frame determines how vectors are prepared for the products and how accurate the products are.
//
// For squared L2 the vectors are centred. This changes no distance and keeps ‖a‖² small, so that float32 loses fewer
// digits. For the inner product they are not centred. They are multiplied by a power of two if their squares would
// overflow or underflow float32. Vectors on a grid (whole multiples of one power of two, such as integers) stay on the
// grid. Their products are then exact up to 2²⁴ steps. Above that the products only select candidates, whose values are
// computed again in double precision.
type frame struct {
	metric    ann.Metric
	centre    []float64 // is subtracted from all vectors; 0 for the inner product
	scale     float64   // values are the true values times scale²
	inexact   float64   // error bound of a value, as a share of ‖a‖² + ‖b‖² or ‖a‖·‖b‖; 0 if no value is computed again
	longest   float64   // length of the longest vector of the base, scaled but not centred
	reach     float64   // the same of base and queries
	exact     bool      // whether every product is exact
	step      float64   // if exact: the step of the grid, scaled
	precision precision
	words     bool // whether products are of vectors rounded to words of 16 bits

	underflows func() bool // reports whether a product of two coordinates may underflow
}

// exactFloat32 and exactFloat64 bound the sums of squares, in grid steps, that are exact in each type.
const (
	exactFloat32 = 1 << 24
	exactFloat64 = 1 << 53
)

// newFrame returns the frame for base and queries, which may be the same points, and for products of XLA. It is an error if a
// coordinate is not finite.
func newFrame(base, queries *points) (*frame, error) {
	backend, err := xla.Backend()
	if err != nil {
		return nil, err
	}
	return newFrameFor(base, queries, precision{onCPU: xla.OnCPU(backend), tf32: xla.TF32(backend)})
}

// precision describes products in float32.
type precision struct {
	onCPU bool // whether sums of whole numbers up to 2²⁴ are exact
	tf32  bool // whether coordinates may be rounded to 10 bits
}

// newFrameFor returns the frame for products of a precision.
func newFrameFor(base, queries *points, p precision) (*frame, error) {
	f := &frame{metric: base.metric, scale: 1, precision: p}
	if !p.onCPU {
		f.inexact = f.productError(base.D)
	}
	f.underflows = sync.OnceValue(func() bool { return base.smallest()*queries.smallest()*f.scale*f.scale < leastNormal })
	sets := []*points{base}
	if &queries.Data[0] != &base.Data[0] || queries.N > base.N { // otherwise the queries are rows of the base
		sets = append(sets, queries)
	}
	longest := 0.
	for i, p := range sets {
		l, err := p.longest()
		if err != nil {
			return nil, err
		}
		if longest = max(longest, l); i == 0 {
			f.longest = l
		}
	}
	switch {
	case f.metric == ann.Cosine:
		f.centre, f.reach = base.mean(), 1
		if base.allWhole() && queries.allWhole() {
			f.inexact = f.productError(base.D)
		}
		return f, nil
	case f.metric == ann.Euclidean:
		f.centre = base.mean()
	default:
		f.centre = make([]float64, base.D)
	}
	f.scale = ann.PowerOfTwo(longest)
	f.longest, f.reach = f.longest*f.scale, longest*f.scale
	f.alignTo(grid(sets...), sets)
	return f, nil
}

// productError returns an error bound of ‖a‖² + ‖b‖² − 2a·b in float32 as a share of ‖a‖² + ‖b‖², or of a·b as a share
// of ‖a‖·‖b‖. It counts d + 1 roundings of the sum, and those of the coordinates, norms and final sums.
func productError(d int) float64 { return float64(d+16) / (1 << 24) }

// tensorCore is the error of a product of coordinates that are rounded to 10 bits (TF32), as a share of ‖a‖² + ‖b‖².
const tensorCore = 1. / (1 << 9)

// productErrors returns the error bounds of a product on the backend: of the sums, and of coordinates that are rounded before, as a share
// of 2‖a‖·‖b‖.
func (f *frame) productErrors(d int) (sums, coordinates float64) {
	switch {
	case f.words:
		return productError(d), tile.WordError(d)
	case f.precision.tf32:
		return productError(d), tensorCore
	}
	return productError(d), 0
}

// productError returns the sum of the error bounds.
func (f *frame) productError(d int) float64 {
	sums, coordinates := f.productErrors(d)
	return sums + coordinates
}

// alignTo moves the centre to a grid point if the vectors lie on a grid and their sums of squares are exact in double
// precision.
func (f *frame) alignTo(step float64, sets []*points) {
	if step == 0 {
		return
	}
	centre := make([]float64, sets[0].D)
	for j, x := range f.centre {
		centre[j] = math.RoundToEven(x/step) * step
	}
	norm := 0.
	for _, p := range sets {
		norm = max(norm, p.largestNorm(centre, step))
	}
	if f.metric == ann.Euclidean {
		norm *= 4 // ‖a − b‖² ≤ 2‖a‖² + 2‖b‖²
	}
	if norm > exactFloat64 {
		return
	}
	f.centre, f.step = centre, step*f.scale
	if f.exact = norm <= exactFloat32 && f.precision.onCPU; !f.exact {
		f.inexact = f.productError(sets[0].D)
	}
}

// largestNorm returns the largest squared distance of a point from centre, in squared grid steps.
func (p *points) largestNorm(centre []float64, step float64) float64 {
	norms := make([]float64, p.N)
	parallel.For(p.N, func(i int) {
		for j, x := range p.Row(i) {
			steps := (float64(x) - centre[j]) / step
			norms[i] += steps * steps
		}
	})
	return slices.Max(norms)
}

// prepare writes row i of p, prepared for the products, to row. It returns the squared norm of the result, or −∞ for the
// inner product.
func (f *frame) prepare(p *points, i int, row []float32) float32 {
	vec.Center(row, p.Row(i), p.factor(i), f.centre, f.scale)
	if f.metric == ann.InnerProduct {
		return float32(math.Inf(-1))
	}
	return float32(vec.Dot(row, row))
}

// mostInexact is the maximum relative error at which the products select candidates. Above it, all points are
// candidates.
const mostInexact = 1. / 64

// margin returns how far the value of a candidate may exceed the k-th smallest value of row i of p if it can still be
// one of the true k: share times the value, plus more. A point b at squared distance t from a satisfies ‖b‖² ≤ 2(‖a‖² +
// t), so its value is within inexact·(3‖a‖² + 2t) of t.
func (f *frame) margin(p *points, i int) (share, more float64) {
	if f.inexact == 0 {
		return 0, 0
	}
	return f.shares(f.inexact, f.norm(p, i))
}

// shares returns the margin of a point with squared norm ‖a‖² for an error of inexact.
func (f *frame) shares(inexact, norm float64) (share, more float64) {
	if f.metric == ann.InnerProduct {
		return 0, 3 * inexact * math.Sqrt(norm) * f.longest
	}
	return 8 * inexact, 8 * inexact * norm
}

// norm returns the squared norm of row i of p, prepared.
func (f *frame) norm(p *points, i int) float64 {
	norm, factor := 0., p.factor(i)
	for j, x := range p.Row(i) {
		y := float64(float64(x)*factor) - f.centre[j]
		norm += y * f.scale * (y * f.scale)
	}
	return norm
}
