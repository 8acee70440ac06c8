package hnsw

import (
	"context"
	"errors"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rows"
	"anncapacity/lib/internal/memory"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/rank"
)

// codeSpace is a space of vectors rounded to integers from −127 to 127, for construction. Its values are sums of integers
// in units of the grid. A row has a quarter of the bytes of float32, and construction takes as long as reading them does.
type codeSpace struct {
	n, width int // width is the number of codes of a row: the dimensions, and zeros up to a multiple of rows.CodeMultiple
	codes    []int8
	block    memory.Block[int8] // holds the codes
	kind     ann.Metric
}

func (s *codeSpace) Len() int { return s.n }

func (s *codeSpace) metric() ann.Metric { return s.kind }

func (s *codeSpace) scale() float64 { return 1 }

func (s *codeSpace) check() error { return nil }

func (s *codeSpace) row(i int32) []int8 { return s.codes[int(i)*s.width : (int(i)+1)*s.width] }

func (s *codeSpace) from(point int32, old source) source {
	from, ok := old.(*codeFrom)
	if !ok {
		from = &codeFrom{space: s}
	}
	from.row = s.row(point)
	return from
}

// free frees the codes, which must not be used any more.
func (s *codeSpace) free() {
	s.block.Free()
	s.codes = nil
}

func (s *codeSpace) fromVector([]float32) (source, error) {
	return nil, errors.New("hnsw: an index on codes accepts indexed points as queries only")
}

func (s *codeSpace) anyNearer(point int32, ids []int32, limit float32) bool {
	row, values := s.row(point), [together]float32{}
	for len(ids) > 0 {
		n := min(together, len(ids))
		s.values(row, ids[:n], values[:n])
		for _, value := range values[:n] {
			if value < limit {
				return true
			}
		}
		ids = ids[n:]
	}
	return false
}

func (s *codeSpace) values(row []int8, ids []int32, out []float32) {
	if s.kind == ann.InnerProduct {
		rows.NegatedCodes(row, s.codes, ids, out)
		return
	}
	rows.SquaredCodes(row, s.codes, ids, out)
}

type codeFrom struct {
	space *codeSpace
	row   []int8
}

func (f *codeFrom) values(ids []int32, out []float32) { f.space.values(f.row, ids, out) }

// highestCode is the magnitude of the number that is farthest from the mean of its dimension.
const highestCode = 127

// encode rounds the vectors to a grid. Every dimension has the same step and, except for the inner product, its mean at
// zero. It returns nil if a row has too many codes, or if all vectors are equal.
func encode(v ann.Vectors, metric ann.Metric) *codeSpace {
	s := &codeSpace{n: v.N, width: (v.D + rows.CodeMultiple - 1) / rows.CodeMultiple * rows.CodeMultiple, kind: metric}
	centre := make([]float64, v.D)
	if metric != ann.InnerProduct {
		for i := range v.N {
			for j, x := range v.Row(i) {
				centre[j] += float64(x) / float64(v.N)
			}
		}
	}
	farthest := 0.
	for i := range v.N {
		for j, x := range v.Row(i) {
			farthest = max(farthest, math.Abs(float64(x)-centre[j]))
		}
	}
	if s.width > rows.MaxCodes || !(farthest > 0) || math.IsInf(farthest, 0) {
		return nil
	}
	s.block = memory.Allocate[int8](s.n * s.width)
	s.codes = s.block.Data
	parallel.For(v.N, func(i int) {
		row := s.row(int32(i))
		for j, x := range v.Row(i) {
			row[j] = int8(math.RoundToEven((float64(x) - centre[j]) * (highestCode / farthest)))
		}
	})
	return s
}

// The codes are fine enough if, for 32 points, a share of at least minShared of the ten nearest are the ten nearest by codes.
const (
	comparedPoints = 32
	comparedNear   = 10
	minShared      = .8
)

// fineEnough reports whether the nearest neighbours of a few points by codes are those by the vectors, in most cases.
func (s *codeSpace) fineEnough(ctx context.Context, exact *vectorSpace) (bool, error) {
	shared := make([]int, comparedPoints)
	err := parallel.Each(ctx, comparedPoints, func() (func(int) error, error) {
		var byCodes, byVectors nearest
		return func(i int) error {
			point := int32(i * s.n / comparedPoints)
			byCodes.find(s.from(point, nil), s.n)
			for _, a := range byVectors.find(exact.from(point, nil), s.n) {
				if slices.ContainsFunc(byCodes.keys, func(b uint64) bool { return rank.ID(a) == rank.ID(b) }) {
					shared[i]++
				}
			}
			return nil
		}, nil
	})
	sum := 0
	for _, n := range shared {
		sum += n
	}
	return float64(sum) >= minShared*comparedPoints*comparedNear, err
}

// nearest finds the nearest of all points.
type nearest struct {
	keys   []uint64
	gather gather
}

// find returns the keys of the comparedNear nearest of n points, in any order. The next call overwrites the result.
func (near *nearest) find(from source, n int) []uint64 {
	const block = 256
	near.keys = near.keys[:0]
	m := &near.gather
	for first := 0; first < n; first += block {
		m.ids = m.ids[:0]
		for id := first; id < min(first+block, n); id++ {
			m.ids = append(m.ids, int32(id))
		}
		near.keys = append(near.keys, m.compute(from)...)
		rank.Smallest(near.keys, comparedNear)
		near.keys = near.keys[:min(comparedNear, len(near.keys))]
	}
	return near.keys
}
