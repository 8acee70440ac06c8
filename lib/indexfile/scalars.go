package indexfile

import (
	"fmt"
	"math"
)

// scalar is a type of coordinates of usearch.
type scalar struct {
	name  string
	bytes uint64
	one   func(b []byte) float32 // decodes a number
	round func(x float32) float32
}

var scalars = []scalar{
	{"f32", 4, func(b []byte) float32 { return math.Float32frombits(le.Uint32(b)) }, func(x float32) float32 { return x }},
	{"f16", 2, func(b []byte) float32 { return half(le.Uint16(b)) }, func(x float32) float32 { return half(toHalf(x)) }},
	{"bf16", 2, func(b []byte) float32 { return math.Float32frombits(uint32(le.Uint16(b)) << 16) }, roundBrain},
}

// decode returns the numbers of b.
func (s *scalar) decode(b []byte) []float32 {
	out := make([]float32, uint64(len(b))/s.bytes)
	for i := range out {
		out[i] = s.one(b[uint64(i)*s.bytes:])
	}
	return out
}

// usearch's names of scalar types (scalar_kind_t), before version 2.10 and since then.
var (
	scalarNames = map[byte]string{1: "b1x8", 2: "u40", 3: "uuid", 4: "bf16", 10: "f64", 11: "f32", 12: "f16", 13: "f8",
		14: "u64", 15: "u32", 16: "u16",
		17: "u8", 20: "i64", 21: "i32", 22: "i16", 23: "i8"}
	oldScalarNames = []string{"unknown", "b1x8", "u40", "uuid", "f64", "f32", "f16", "f8", "u64", "u32", "u8", "i64", "i32",
		"i16", "i8"}
)

func scalarName(kind byte, old bool) string {
	name := scalarNames[kind]
	if old && int(kind) < len(oldScalarNames) {
		name = oldScalarNames[kind]
	}
	if name == "" {
		return fmt.Sprintf("the unknown type %d", kind)
	}
	return name
}

func scalarOf(kind byte, old bool) *scalar {
	for i, s := range scalars {
		if s.name == scalarName(kind, old) {
			return &scalars[i]
		}
	}
	return nil
}

// half returns the value of a float of 16 bits (IEEE 754 binary16).
func half(h uint16) float32 {
	exponent, fraction := int(h>>10&31), float64(h&1023)
	value := math.Ldexp(1024+fraction, exponent-25)
	switch exponent {
	case 0:
		value = math.Ldexp(fraction, -24)
	case 31:
		value = math.Inf(1)
		if fraction != 0 {
			value = math.NaN()
		}
	}
	if h>>15 != 0 {
		value = -value
	}
	return float32(value)
}

// toHalf returns the float of 16 bits that is nearest to x, the even one of two.
func toHalf(x float32) uint16 {
	sign := uint16(math.Float32bits(x) >> 16 & 0x8000)
	a := math.Abs(float64(x))
	switch {
	case a == 0:
		return sign
	case !(a < 65520): // too large, infinite or NaN
		return sign | 0x7c00
	}
	_, exponent := math.Frexp(a) // a = fraction · 2^exponent, fraction in [½, 1)
	unit := max(exponent-11, -24)
	steps := math.RoundToEven(math.Ldexp(a, -unit)) // at most 2048
	if unit == -24 {
		return sign | uint16(steps) // subnormal, or the smallest normal
	}
	return sign | uint16(int(steps)-1024+(unit+25)<<10)
}

// roundBrain returns the float of 8 significant bits (bfloat16) that is nearest to x, the even one of two.
func roundBrain(x float32) float32 {
	bits := math.Float32bits(x)
	return math.Float32frombits((bits + 0x7fff + bits>>16&1) &^ 0xffff)
}
