package partition

import (
	"math"
	"slices"

	"anncapacity/lib/internal/rank"
)

// keysBeforeShrinking is the number of values, above twice K, that a selection holds before it drops those that are not near.
const keysBeforeShrinking = 256

// selection selects the near centroids of one vector from its values, each of which is a squared distance less the squared length of
// the vector, known up to half the margin.
type selection struct {
	NearOptions
	length, margin float64 // the squared length, and how far rounding can exchange values
	least          float32 // the least value so far
	limit          float32 // centroids with values above it are not near
	keys           []uint64
	full           int // number of keys at which they are reduced
	near           []int32
}

// begin forgets the former vector.
func (s *selection) begin(o NearOptions, length, margin float64) {
	s.NearOptions, s.length, s.margin = o, length, margin
	s.least, s.limit = float32(math.Inf(1)), float32(math.Inf(1))
	s.keys, s.full = s.keys[:0], 2*o.K+keysBeforeShrinking
}

// keep adds the value of a centroid, which is at most the limit.
func (s *selection) keep(value float32, centroid int32) {
	s.keys = append(s.keys, rank.Key(value, centroid))
	if value < s.least {
		s.least = value
		s.atMost(float64(value))
	}
	if len(s.keys) >= s.full {
		s.shrink()
		s.full = 2*len(s.keys) + keysBeforeShrinking
	}
}

// atMost lowers the limit to the largest value that may be within Epsilon if the nearest centroid has at most the given one. Three
// numbers in it are known up to half the margin.
func (s *selection) atMost(value float64) {
	factor := (1 + s.Epsilon) * (1 + s.Epsilon) // of squared distances
	if !math.IsInf(factor, 1) {
		s.limit = min(s.limit, up(value+(factor-1)*max(0, value+s.length)+2*factor*s.margin))
	}
}

// shrink drops the keys that are not near.
func (s *selection) shrink() {
	if len(s.keys) > s.K {
		rank.Smallest(s.keys, s.K)
		last := rank.Value(slices.Max(s.keys[:s.K]))
		s.limit = min(s.limit, up(float64(last)+s.margin))
	}
	s.keys = slices.DeleteFunc(s.keys, func(key uint64) bool { return rank.Value(key) > s.limit })
}

// end returns the near centroids in ascending order. They are valid until the next call.
func (s *selection) end() []int32 {
	s.shrink()
	s.near = s.near[:0]
	for _, key := range s.keys {
		s.near = append(s.near, rank.ID(key))
	}
	slices.Sort(s.near)
	return s.near
}

// up converts to float32, rounding up.
func up(x float64) float32 { return math.Nextafter32(float32(x), float32(math.Inf(1))) }
