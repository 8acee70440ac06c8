package partition

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/atmost"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/rank"
)

// NearOptions are the parameters of Near.
type NearOptions struct {
	K        int                 // number of nearest centroids
	Epsilon  float64             // centroids farther than 1 + Epsilon times the distance of the nearest are left out; at least 0, may be +Inf
	Progress func(share float64) // if not nil, called with the share of the vectors that are done, in ascending order
}

// check returns an error if the options or the vectors are invalid.
func (o NearOptions) check(base ann.Coordinates, centroids ann.Vectors) error {
	if base.D != centroids.D {
		return fmt.Errorf("partition: vectors have %d dimensions, centroids %d", base.D, centroids.D)
	}
	if o.K < 1 || o.K > centroids.N {
		return fmt.Errorf("partition: k = %d of %d centroids: must be between 1 and their number", o.K, centroids.N)
	}
	if !(o.Epsilon >= 0) {
		return fmt.Errorf("partition: Epsilon %v: must be at least 0", o.Epsilon)
	}
	return errors.Join(checkVectors("vectors", base), checkVectors("centroids", centroids.Coordinates()))
}

// Near calls a function for every vector of the base with the centroids that may be among its K nearest and within Epsilon: all that
// are, and those for which rounding in float32 could decide, in ascending order of ID. Each goroutine calls prepare for a function of
// its own, which may use vector and near only during the call. Blocks of vectors follow one another; their vectors are in no order.
//
// It is an error if the dimensions differ, if a coordinate is not finite, if squared distances exceed the range of float32, or if K
// is not between 1 and the number of centroids.
func Near(
	ctx context.Context, base ann.Coordinates, centroids ann.Vectors, o NearOptions, prepare func() (use func(i int, vector []float32, near []int32)),
) error {
	if err := o.check(base, centroids); err != nil {
		return err
	}
	a, err := newAssigner(base, centroids.N)
	if err != nil {
		return err
	}
	defer a.release()
	b, err := a.newBlocks(base, centroids)
	if err != nil {
		return err
	}
	defer b.rows.FinalizeAll()
	for first := 0; first < base.N; first += a.size {
		if err := ctx.Err(); err != nil {
			return err
		}
		count := min(a.size, base.N-first)
		if err := b.values(first, count, func(values []float32) { b.near(values, first, count, o, prepare) }); err != nil {
			return err
		}
		if o.Progress != nil {
			o.Progress(float64(first+count) / float64(base.N))
		}
	}
	return nil
}

// near passes on the near centroids of the vectors of a block.
func (b *blocks) near(values []float32, first, count int, o NearOptions, prepare func() func(i int, vector []float32, near []int32)) {
	parallel.For((count+tile-1)/tile, func(t int) {
		use, row, s := prepare(), make([]float32, b.vectors.D), selection{NearOptions: o}
		for i := t * tile; i < min((t+1)*tile, count); i++ {
			near := s.of(values[i*b.clusters:(i+1)*b.clusters], b.lengths[i], float64(b.margin(b.lengths[i])))
			use(first+i, b.vectors.Row(first+i, row), near)
		}
	})
}

// selection selects the near centroids of one vector at a time.
type selection struct {
	NearOptions
	keys []uint64 // value and ID of a centroid
	near []int32
}

// of returns the near centroids of a vector of the given length from its values, whose order is known up to the margin.
func (s *selection) of(values []float32, length, margin float64) []int32 {
	least := values[0]
	for _, value := range values {
		if value < least {
			least = value
		}
	}
	s.keys = s.keys[:0]
	limit := s.limit(float64(least), length, margin)
	for at := atmost.Next(values, limit); at < len(values); at += 1 + atmost.Next(values[at+1:], limit) {
		s.keys = append(s.keys, rank.Key(values[at], int32(at)))
	}
	if len(s.keys) > s.K {
		rank.Smallest(s.keys, s.K)
		last := rank.Value(slices.Max(s.keys[:s.K]))
		limit = up(float64(last) + margin)
	}
	s.near = s.near[:0]
	for _, key := range s.keys {
		if rank.Value(key) <= limit {
			s.near = append(s.near, rank.ID(key))
		}
	}
	slices.Sort(s.near)
	return s.near
}

// limit returns the largest value that may be within Epsilon if the least is that of the nearest centroid. A value is a squared
// distance less the squared length, and each of the three is known up to half the margin.
func (s *selection) limit(least, length, margin float64) float32 {
	factor := (1 + s.Epsilon) * (1 + s.Epsilon) // of squared distances
	if math.IsInf(factor, 1) {
		return float32(math.Inf(1))
	}
	return up(least + (factor-1)*max(0, least+length*length) + 2*factor*margin)
}

// up converts to float32, rounding up.
func up(x float64) float32 { return math.Nextafter32(float32(x), float32(math.Inf(1))) }
