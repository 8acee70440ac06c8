package embedding

import (
	"fmt"
	"math"
	"slices"

	"anncapacity/lib/ann"
)

// numbers collects the values of a matrix as float32 and counts the values that float32 cannot represent exactly. If keep is
// true, it collects values of type uint8 as they are.
type numbers struct {
	data    []float32
	keep    bool
	bytes   []uint8
	inexact int
	beyond  float64 // first finite value outside the range of float32, 0 if there is none
}

// number is the constraint of all number types in files except 16-bit floats, which float32 represents exactly.
type number interface {
	~float32 | ~float64 | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// appendNumbers appends values, rounded to the nearest float32. Values outside the range of float32 become infinite,
// which ann.NewVectors rejects.
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

// holds reports whether y equals x exactly. float64 represents every float32; the conversion back to T detects values
// that float64 rounds. limit is the result of limitOf for T.
func holds[T number](y float32, x T, limit float64) bool {
	return float64(y) == float64(x) && float64(x) < limit && T(float64(x)) == x
}

// limitOf returns the first power of two above the range of an integer type, or +∞ for floats. float64 rounds the
// largest 64-bit integers to this power of two, and Go does not define its conversion back to the integer type.
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

// coordinates returns the numbers as n × d vectors, of type uint8 if the source keeps it and kind, the NumPy name of their
// type in the file, is uint8.
func (m *numbers) coordinates(s source, kind string, n, d int) (ann.Coordinates, error) {
	switch {
	case m.keep:
		return ann.NewBytes(n, d, m.bytes)
	case s.keep && kind == uint8Name:
		return ann.NewBytes(n, d, narrowed(m.data))
	}
	v, err := m.vectors(s, kind, n, d)
	return v.Coordinates(), err
}

// uint8Name is the NumPy name of uint8.
const uint8Name = "uint8"

// narrowed returns float32 that were converted from uint8 as uint8.
func narrowed(data []float32) []uint8 {
	bytes := make([]uint8, len(data))
	for i, x := range data {
		bytes[i] = uint8(x)
	}
	return bytes
}

// vectors returns the numbers as n × d vectors of float32. kind is the NumPy name of their type in the file. A conversion is
// reported in the notes of the source.
func (m *numbers) vectors(s source, kind string, n, d int) (ann.Vectors, error) {
	v := ann.Vectors{N: n, D: d, Data: m.data}
	err := m.checkFinite(kind, n, d, m.data)
	switch {
	case err != nil || kind == "float32":
		return v, err
	case m.inexact == 0:
		s.note("%s converted to float32, every value exactly", kind)
	default:
		s.note("%s converted to float32: %d of %d values rounded to 24 bits of precision", kind, m.inexact, len(m.data))
	}
	return v, nil
}

// checkFinite returns an error if data, of the numbers that were read last, are not n × d finite numbers.
func (m *numbers) checkFinite(kind string, n, d int, data []float32) error {
	_, err := ann.NewVectors(n, d, data)
	if err != nil && m.beyond != 0 {
		err = fmt.Errorf("%w; %s numbers beyond the range of float32, such as %g, become infinite", err, kind, m.beyond)
	}
	return err
}
