package scenery

import (
	"math"
	"math/rand/v2"
)

// q is a number in 16-bit fixed point. In floating point the bytes would depend on the machine, because compilers may
// fuse multiplications and additions.
type q int64

const one q = 1 << 16

// pc returns hundredths: pc(35) is 0.35.
func pc(hundredths int) q { return q(hundredths) * one / 100 }

func mul(a, b q) q { return a * b >> 16 }

func div(a, b q) q { return a << 16 / b }

func lerp(a, b, t q) q { return a + mul(b-a, t) }

func abs(a q) q { return max(a, -a) }

// sqrt is accurate to one unit on every machine, because IEEE 754 requires correctly rounded square roots.
func sqrt(a q) q { return q(math.Sqrt(float64(max(a, 0) << 16))) }

// smooth rises smoothly from 0 below low to 1 above high.
func smooth(low, high, x q) q {
	t := div(min(max(x-low, 0), high-low), high-low)
	return mul(mul(t, t), 3*one-2*t)
}

// sin returns the sine of an angle in turns, within 0.001.
func sin(turns q) q {
	t := turns & (one - 1)
	sign := one
	if t >= one/2 {
		t, sign = t-one/2, -one
	}
	arc := mul(16*t, one/2-t)
	return mul(sign, mul(arc, pc(775)/10+mul(arc, pc(225)/10)))
}

func cos(turns q) q { return sin(turns + one/4) }

// source draws the parameters of a scene.
type source struct{ *rand.PCG }

// between returns a uniform random number between low and high hundredths.
func (s source) between(low, high int) q {
	return lerp(pc(low), pc(high), q(s.Uint64()>>48))
}

func (s source) seed() uint32 { return uint32(s.Uint64()) }

// color is red, green and blue, from 0 to 1 on the scale of pixel values.
type color [3]q

// rgb returns a colour given as 0xRRGGBB.
func rgb(v int) color {
	return color{q(v>>16&255) * one / 255, q(v>>8&255) * one / 255, q(v&255) * one / 255}
}

// either returns a random colour between two colours.
func (s source) either(a, b int) color { return blend(rgb(a), rgb(b), s.between(0, 100)) }

func blend(a, b color, t q) color {
	return color{lerp(a[0], b[0], t), lerp(a[1], b[1], t), lerp(a[2], b[2], t)}
}

func (c color) times(t q) color { return color{mul(c[0], t), mul(c[1], t), mul(c[2], t)} }

func (c color) plus(t q) color { return color{c[0] + t, c[1] + t, c[2] + t} }
