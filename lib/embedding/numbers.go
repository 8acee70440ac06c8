package embedding

import (
	"fmt"
	"math"
	"slices"

	"anncapacity/lib/ann"
)

// numbers collects the numbers of a matrix as float32, and counts those that float32 does not hold exactly.
type numbers struct {
	data    []float32
	inexact int
	beyond  float64 // the first finite number outside float32's range, 0 where there is none
}

// number is every type of number that files hold, other than the 16-bit floats, which float32 holds exactly.
type number interface {
	~float32 | ~float64 | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// appendNumbers rounds values to the nearest float32. A value beyond float32's range becomes infinite, and
// ann.NewVectors refuses it.
func appendNumbers[T number](to *numbers, values []T) {
	to.data = slices.Grow(to.data, len(values))
	limit := limitOf[T]()
	for _, x := range values {
		y := float32(x)
		to.data = append(to.data, y)
		if !holds(y, x, limit) {
			to.addInexact(float64(y), float64(x))
		}
	}
}

func (m *numbers) addInexact(y, x float64) {
	m.inexact++
	if m.beyond == 0 && math.IsInf(y, 0) && !math.IsInf(x, 0) {
		m.beyond = x
	}
}

// holds reports whether y is x exactly. float64 holds every float32; where float64 rounds x, T tells. limit is what
// limitOf says of T.
func holds[T number](y float32, x T, limit float64) bool {
	return float64(y) == float64(x) && float64(x) < limit && T(float64(x)) == x
}

// limitOf is the first power of two beyond an integer type, to which float64 rounds the largest 64-bit integers: Go does
// not define what the integer type makes of it. Floats have no limit.
func limitOf[T number]() float64 {
	var zero T
	switch {
	case T(1)/2 != zero:
		return math.Inf(1)
	case zero-1 < zero:
		return 1 << 63
	}
	return 1 << 64
}

// vectors returns the numbers as n × d vectors. kind is their type in the file, as NumPy names it; a conversion is
// reported to the source's notes.
func (m *numbers) vectors(s source, kind string, n, d int) (ann.Vectors, error) {
	v, err := ann.NewVectors(n, d, m.data)
	switch {
	case err != nil && m.beyond != 0:
		return v, fmt.Errorf("%w; %s numbers beyond the range of float32, such as %g, become infinite", err, kind, m.beyond)
	case err != nil || kind == "float32":
		return v, err
	case m.inexact == 0:
		s.note("%s converted to float32, every value exactly", kind)
	default:
		s.note("%s converted to float32: %d of %d values rounded to 24 bits of precision", kind, m.inexact, len(m.data))
	}
	return v, nil
}
