package layout

import (
	"context"
	"math/rand/v2"
	"slices"

	"github.com/viterin/vek/vek32"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/rank"
)

// bisection divides a base into pages.
type bisection struct {
	base    ann.Coordinates
	perPage int
	seed    uint64
}

// Parameters of a bisection.
const (
	bisectionSample = 4096 // vectors that determine the direction
	powerIterations = 6    // of the power iteration for the first principal component, the first direction
	meanIterations  = 5    // direction from the mean of one half to that of the other
)

// run returns the pages. All but the last are full.
func (b *bisection) run(ctx context.Context, progress func(share float64)) ([][]int32, error) {
	all := make([]int32, b.base.N)
	for i := range all {
		all[i] = int32(i)
	}
	levels := 0
	for pages := (b.base.N + b.perPage - 1) / b.perPage; pages > 1; pages = (pages + 1) / 2 {
		levels++
	}
	parts := [][]int32{all}
	for level := range levels {
		next := make([][]int32, 2*len(parts))
		err := parallel.Each(ctx, len(parts), func() (func(int) error, error) {
			s := b.newSplitter()
			return func(i int) error {
				rng := rand.New(rand.NewPCG(b.seed, uint64(level)<<32|uint64(i)))
				next[2*i], next[2*i+1] = s.split(ctx, parts[i], rng)
				return nil
			}, nil
		})
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, err
		}
		parts = slices.DeleteFunc(next, func(ids []int32) bool { return len(ids) == 0 })
		progress(float64(level+1) / float64(levels))
	}
	return parts, nil
}

// splitter splits parts of a base. It is used by one core.
type splitter struct {
	*bisection
	sample    ann.Vectors // less its mean
	keys      []uint64
	direction []float32
	sides     [2][]float32 // means of the halves of the sample
}

func (b *bisection) newSplitter() *splitter {
	d := b.base.D
	return &splitter{bisection: b, direction: make([]float32, d), sides: [2][]float32{make([]float32, d), make([]float32, d)}}
}

// split returns two halves of ids, as views. The first consists of full pages, as many as the second or one less.
func (s *splitter) split(ctx context.Context, ids []int32, rng *rand.Rand) (left, right []int32) {
	pages := (len(ids) + s.perPage - 1) / s.perPage
	if pages < 2 {
		return ids, nil
	}
	size := pages / 2 * s.perPage
	s.draw(ids, rng)
	s.direct(float64(size)/float64(len(ids)), rng)
	keys := make([]uint64, len(ids))
	err := eachChunk(ctx, len(ids), s.base.D, func(from, to int, scratch []float32) {
		for i := from; i < to; i++ {
			keys[i] = rank.Key(vek32.Dot(s.direction, s.base.Row(int(ids[i]), scratch)), ids[i])
		}
	})
	if err != nil {
		return ids, nil
	}
	slices.Sort(keys)
	for i, key := range keys {
		ids[i] = rank.ID(key)
	}
	return ids[:size:size], ids[size:]
}

// draw sets the sample to vectors of ids, less their mean.
func (s *splitter) draw(ids []int32, rng *rand.Rand) {
	d := s.base.D
	n := min(len(ids), bisectionSample)
	if cap(s.sample.Data) < n*d {
		s.sample.Data = make([]float32, n*d)
	}
	s.sample = ann.Vectors{N: n, D: d, Data: s.sample.Data[:n*d]}
	mean := make([]float32, d)
	for i := range n {
		id := ids[i]
		if n < len(ids) {
			id = ids[rng.IntN(len(ids))]
		}
		copy(s.sample.Row(i), s.base.Row(int(id), s.sample.Row(i)))
		vek32.Add_Inplace(mean, s.sample.Row(i))
	}
	vek32.MulNumber_Inplace(mean, 1/float32(n))
	for i := range n {
		vek32.Sub_Inplace(s.sample.Row(i), mean)
	}
}

// direct sets the direction that separates the given share of the sample from the rest.
func (s *splitter) direct(share float64, rng *rand.Rand) {
	for j := range s.direction {
		s.direction[j] = float32(rng.NormFloat64())
	}
	row, sum := make([]float32, s.base.D), make([]float32, s.base.D)
	for range powerIterations {
		clear(sum)
		for i := range s.sample.N {
			vek32.MulNumber_Into(row, s.sample.Row(i), vek32.Dot(s.direction, s.sample.Row(i)))
			vek32.Add_Inplace(sum, row)
		}
		if !s.set(sum) {
			return
		}
	}
	size := max(1, min(s.sample.N-1, int(share*float64(s.sample.N))))
	for range meanIterations {
		s.halve(size)
		vek32.Sub_Into(sum, s.sides[1], s.sides[0])
		if !s.set(sum) {
			return
		}
	}
}

// halve computes the means of the size vectors of the sample that come first in the direction, and of the others.
func (s *splitter) halve(size int) {
	s.keys = s.keys[:0]
	for i := range s.sample.N {
		s.keys = append(s.keys, rank.Key(vek32.Dot(s.direction, s.sample.Row(i)), int32(i)))
	}
	slices.Sort(s.keys)
	for side, keys := range [2][]uint64{s.keys[:size], s.keys[size:]} {
		mean := s.sides[side]
		clear(mean)
		for _, key := range keys {
			vek32.Add_Inplace(mean, s.sample.Row(int(rank.ID(key))))
		}
		vek32.MulNumber_Inplace(mean, 1/float32(len(keys)))
	}
}

// set sets the direction to v, scaled to length 1. It returns false, and changes nothing, if v is 0 or its length is not finite.
func (s *splitter) set(v []float32) bool {
	length := float32(ann.Length(v))
	if !(length > 0) || length*0 != 0 {
		return false
	}
	vek32.MulNumber_Into(s.direction, v, 1/length)
	return true
}
