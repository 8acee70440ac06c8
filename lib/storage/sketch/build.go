package sketch

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/storage/layout"
)

// Options are the parameters of New.
type Options struct {
	// BytesPerVector bounds the memory of the sketch, all of it, by that number times the number of vectors of the base.
	BytesPerVector float64
	// Seed determines the vectors on which codewords are trained, and the first codewords.
	Seed uint64
	// Progress, if not nil, is called with the share of the work that is done, in ascending order.
	Progress func(share float64)
}

// Parameters of the codes.
const (
	unitBytes   = 16 // of the code of a unit, if its vectors have codes
	leastSlots  = 8  // smallest units whose vectors have codes
	mostBits    = 8  // of a subspace
	wordsShare  = 8  // the codewords take about 1/wordsShare of the memory at most
	sampledRows = 1 << 15
	mostVectors = math.MaxInt32 / 2
)

// New returns a sketch of the vectors of the base in the layout. The result depends on its parameters and not on GOMAXPROCS. It is
// an error if a coordinate is not finite, or if BytesPerVector is too small or too large for the number of vectors and their
// dimension.
func New(ctx context.Context, base ann.Coordinates, l layout.Layout, o Options) (*Sketch, error) {
	if err := check(base, l); err != nil {
		return nil, err
	}
	s := &Sketch{vectors: len(l.IDs)}
	for u := range l.Units() {
		s.slots = max(s.slots, l.Size(u))
	}
	for u := range l.Units() {
		if l.Size(u) < s.slots {
			s.short = append(s.short, short{int32(u), int32(l.Size(u))})
		}
	}
	p, err := s.plan(base, l.Units(), o)
	if err != nil {
		return nil, err
	}
	b := builder{Sketch: s, ctx: ctx, base: base, layout: l, seed: o.Seed, report: func(share float64) {
		if o.Progress != nil {
			o.Progress(share)
		}
	}}
	return s, b.run(p)
}

// check returns an error if the vectors cannot be coded.
func check(base ann.Coordinates, l layout.Layout) error {
	for i, x := range base.Floats {
		if math.IsNaN(float64(x)) || math.IsInf(float64(x), 0) {
			return fmt.Errorf("sketch: vector %d has the coordinate %v", i/base.D, x)
		}
	}
	if len(l.IDs) > mostVectors {
		return fmt.Errorf("sketch: %d vectors: at most %d", len(l.IDs), mostVectors)
	}
	for u := range l.Units() {
		if l.Size(u) == 0 {
			return fmt.Errorf("sketch: unit %d is empty", u)
		}
	}
	return l.Check(base.N)
}

// plan is the number of bits of the codes.
type plan struct {
	unit   int // of the code of a unit
	member int // of the code of a vector
	most   int // of a subspace
}

// plan returns the number of bits of the codes that the memory allows.
func (s *Sketch) plan(base ann.Coordinates, units int, o Options) (plan, error) {
	budget := float64(o.BytesPerVector * float64(base.N))
	if !(budget > 0) || budget > math.MaxInt32*float64(mostBits) {
		return plan{}, fmt.Errorf("sketch: %v bytes for each of %d vectors", o.BytesPerVector, base.N)
	}
	p := plan{most: mostBits}
	for p.most > 1 && (float64(wordsShare*base.D<<p.most) > budget || 1<<p.most > units) {
		p.most--
	}
	words := float64(base.D << p.most) // bytes of the codewords of a quantizer
	left := float64(8 * (budget - float64(4*base.D+8*len(s.short)+padding) - words))
	units += units/groupUnits + 1
	if s.slots < leastSlots {
		p.unit = fit(left, units, base.D, 8) / 8 * p.most // each code takes a byte
	} else {
		subspaces := min(base.D, unitBytes)
		p.unit = subspaces * p.most
		left -= float64(8 * (float64(units*subspaces) + words))
		p.member = fit(left, units*s.slots, base.D, p.most)
	}
	if p.unit < 1 || s.slots >= leastSlots && p.member < 1 {
		return p, fmt.Errorf("sketch: %v bytes for each of %d vectors are too few for the codewords: take more vectors or more bytes",
			o.BytesPerVector, base.N)
	}
	return p, nil
}

// fit returns the number of bits of each of n codes that take at most the given bits together. It is at most d·most.
func fit(bits float64, n, d, most int) int {
	return int(max(0, min(float64(d*most), bits/float64(n))))
}

// builder trains and codes a sketch.
type builder struct {
	*Sketch
	ctx    context.Context
	base   ann.Coordinates
	layout layout.Layout
	seed   uint64
	report func(share float64)
}

func (b *builder) run(p plan) error {
	means, err := b.unitMeans()
	if err != nil {
		return err
	}
	sample := means
	if rows := sampled(means.N, sampledRows, b.seed); len(rows) < means.N {
		if sample, err = means.Subset(rows); err != nil {
			return err
		}
	}
	if b.units, err = train(b.ctx, sample, p.unit, p.most, b.seed); err != nil {
		return err
	}
	b.report(0.2)
	if err := b.codeUnits(means); err != nil || p.member == 0 {
		return err
	}
	b.report(0.3)
	rows := b.rests(sampled(len(b.layout.IDs), sampledRows, b.seed+1))
	if b.members, err = train(b.ctx, rows, p.member, p.most, b.seed+2); err != nil {
		return err
	}
	b.report(0.5)
	err = b.codeMembers()
	b.report(1)
	return err
}

// sampled returns at most most of the numbers 0 … n−1, ascending.
func sampled(n, most int, seed uint64) []int32 {
	rows := make([]int32, 0, min(n, most))
	rng := rand.New(rand.NewPCG(seed, 0))
	if n <= most {
		for i := range n {
			rows = append(rows, int32(i))
		}
		return rows
	}
	drawn := make(map[int32]bool, most)
	for len(rows) < most {
		if i := rng.Int32N(int32(n)); !drawn[i] {
			drawn[i] = true
			rows = append(rows, i)
		}
	}
	slices.Sort(rows)
	return rows
}

// unitMeans returns the means of the units, less their own mean, which it sets.
func (b *builder) unitMeans() (ann.Vectors, error) {
	d := b.base.D
	means := ann.Vectors{N: b.layout.Units(), D: d, Data: make([]float32, b.layout.Units()*d)}
	err := parallel.Each(b.ctx, means.N, func() (func(int) error, error) {
		sum, scratch := make([]float64, d), make([]float32, d)
		return func(u int) error {
			clear(sum)
			for _, id := range b.layout.Unit(u) {
				for j, x := range b.base.Row(int(id), scratch) {
					sum[j] += float64(x)
				}
			}
			for j, x := range sum {
				means.Data[u*d+j] = float32(x / float64(b.layout.Size(u)))
			}
			return nil
		}, nil
	})
	total := make([]float64, d)
	for i, x := range means.Data {
		total[i%d] += float64(x)
	}
	b.mean = make([]float32, d)
	for j, x := range total {
		b.mean[j] = float32(x / float64(means.N))
	}
	for i := range means.Data {
		means.Data[i] -= b.mean[i%d]
	}
	return means, err
}

// codeUnits sets the codes of the units.
func (b *builder) codeUnits(means ann.Vectors) error {
	n := b.units.Subspaces()
	b.codes = make([]uint8, means.N*n)
	defer b.group()
	return parallel.Each(b.ctx, means.N, func() (func(int) error, error) {
		e := b.units.NewEncoder()
		return func(u int) error {
			e.Encode(means.Row(u), b.codes[u*n:(u+1)*n])
			return nil
		}, nil
	})
}
