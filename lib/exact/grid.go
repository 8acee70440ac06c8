package exact

import (
	"math"
	"math/bits"

	"anncapacity/lib/ann"
)

// split returns odd and exponent such that |x| = odd · 2^exponent with odd an odd number; x must not be 0.
func split(x float32) (odd uint32, exponent int) {
	b := math.Float32bits(x) &^ (1 << 31)
	odd, exponent = b&(1<<23-1), int(b>>23)
	if exponent == 0 {
		exponent = 1
	} else {
		odd |= 1 << 23
	}
	zeros := bits.TrailingZeros32(odd)
	return odd >> zeros, exponent - 150 + zeros
}

// divisor is the greatest number, odd·2^exponent, of which all coordinates of a row are whole multiples.
type divisor struct {
	odd      uint32
	exponent int
	whole    bool // whether the squares of the multiples sum to at most wholeNorm; if false, exponent is undefined
}

// wholeNorm bounds squared lengths such that a product of two of them is exact in double precision.
const wholeNorm = 1 << 26

func divisorOf(row []float32) divisor {
	d := divisor{exponent: math.MaxInt}
	largest := 0.
	for _, x := range row {
		if x == 0 {
			continue
		}
		odd, exponent := split(x)
		d.odd, d.exponent = gcd(odd, d.odd), min(d.exponent, exponent)
		if largest = max(largest, math.Abs(float64(x))); d.odd == 1 && largest > math.Ldexp(1<<13, d.exponent) {
			return d
		}
	}
	step, norm := math.Ldexp(float64(d.odd), d.exponent), 0.
	for _, x := range row {
		norm += float64(x) / step * (float64(x) / step)
	}
	d.whole = norm <= wholeNorm
	return d
}

func gcd(a, b uint32) uint32 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// grid returns the greatest power of two of which all coordinates are whole multiples. It returns 0 if double precision
// cannot hold the squared distance of two rows, or under the inner product a squared length, in squared steps of that
// size. For most vectors that lie on no grid it returns after the second row.
func grid(sets ...*points) float64 {
	origin := sets[0].Row(0)
	if sets[0].metric == ann.InnerProduct {
		origin = make([]float32, sets[0].D)
	}
	lowest, furthest := math.MaxInt, 0.
	for _, p := range sets {
		for i := range p.N {
			squared := 0.
			for j, x := range p.Row(i) {
				if x != 0 {
					_, exponent := split(x)
					lowest = min(lowest, exponent)
				}
				d := float64(x) - float64(origin[j])
				squared += d * d
			}
			if furthest = max(furthest, squared); furthest > 0 && furthest > math.Ldexp(exactFloat64, 2*min(lowest, 1000)) {
				return 0
			}
		}
	}
	if lowest == math.MaxInt {
		return 1 // all coordinates are zero
	}
	return math.Ldexp(1, lowest)
}
