package embedding

import (
	"slices"

	"anncapacity/lib/ann"
)

// numbers collects the numbers of a matrix as float32 and counts those that float32 does not hold exactly.
type numbers struct {
	data    []float32
	inexact int
}

// number is every type of number that files hold, other than the 16-bit floats, which float32 holds exactly.
type number interface {
	~float32 | ~float64 | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// appendNumbers rounds values to the nearest float32. A value beyond float32's range becomes infinite, and
// ann.NewVectors refuses it.
func appendNumbers[T number](to *numbers, values []T) {
	to.data = slices.Grow(to.data, len(values))
	for _, x := range values {
		y := float32(x)
		to.data = append(to.data, y)
		if !holds(y, x) {
			to.inexact++
		}
	}
}

// holds reports whether y is x exactly. float64 holds every float32; where float64 rounds x, T tells.
func holds[T number](y float32, x T) bool { return float64(y) == float64(x) && T(float64(x)) == x }

// vectors returns the numbers as n × d vectors. kind is their type in the file, as NumPy names it; a conversion is
// reported to the source's notes.
func (m *numbers) vectors(s source, kind string, n, d int) (ann.Vectors, error) {
	v, err := ann.NewVectors(n, d, m.data)
	if err != nil || kind == "float32" {
		return v, err
	}
	if m.inexact == 0 {
		s.note("%s converted to float32, every value exactly", kind)
	} else {
		s.note("%s converted to float32: %d of %d values rounded to 24 bits of precision", kind, m.inexact, len(m.data))
	}
	return v, nil
}
