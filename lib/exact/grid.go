package exact

import (
	"math"
	"math/bits"

	"anncapacity/lib/ann"
)

// split writes x ≠ 0 as an odd number times 2^exponent.
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

// divisor of a row: odd·2^exponent is the greatest number of which all coordinates are whole multiples.
type divisor struct {
	odd      uint32
	exponent int
	whole    bool // the multiples have a sum of squares of at most wholeNorm; if not, exponent may be anything
}

// wholeNorm is such that products of two squared lengths stay exact in double precision.
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

// grid is the greatest power of two of which all coordinates are whole multiples; 0 where the squared distance of two rows, or
// under the inner product a squared length, is too many squares of it for double precision. Of most vectors that are on no grid the
// second row shows it.
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
		return 1 // all are zero
	}
	return math.Ldexp(1, lowest)
}
