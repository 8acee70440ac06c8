// Package vec has loops over the coordinates of vectors, with AVX2 where the CPU has it. Each computes the same bits on every CPU.
package vec

import "math"

// lanes is the number of coordinates of a step. Only whole steps run on AVX2.
const lanes = 8

// Dot returns the inner product of a and b, which have the same length, computed in double precision.
func Dot(a, b []float32) float64 {
	b = b[:len(a)]
	n := len(a) / lanes * lanes
	var sums [4]float64
	dot(a[:n], b[:n], &sums)
	plainDot(a[n:], b[n:], &sums)
	return (sums[0] + sums[1]) + (sums[2] + sums[3])
}

// plainDot adds the terms at the places 0, 4, 8, … to sums[0], those at 1, 5, 9, … to sums[1] and so on, and the last one to three terms
// to sums[0].
func plainDot(a, b []float32, sums *[4]float64) {
	for ; len(a) >= 4; a, b = a[4:], b[4:] {
		for i := range sums {
			sums[i] += float64(float64(a[i]) * float64(b[i]))
		}
	}
	for i := range a {
		sums[0] += float64(float64(a[i]) * float64(b[i]))
	}
}

// SquaredL2 returns the squared L2 distance of a and b, which have the same length, computed in double precision.
func SquaredL2(a, b []float32) float64 {
	b = b[:len(a)]
	n := len(a) / lanes * lanes
	var sums [4]float64
	squaredL2(a[:n], b[:n], &sums)
	plainSquaredL2(a[n:], b[n:], &sums)
	return (sums[0] + sums[1]) + (sums[2] + sums[3])
}

// plainSquaredL2 adds up terms as plainDot does.
func plainSquaredL2(a, b []float32, sums *[4]float64) {
	for ; len(a) >= 4; a, b = a[4:], b[4:] {
		for i := range sums {
			d := float64(a[i]) - float64(b[i])
			sums[i] += float64(d * d)
		}
	}
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sums[0] += float64(d * d)
	}
}

// Widen sets to, which has the length of x, to the numbers x.
func Widen(to []float32, x []uint8) {
	to = to[:len(x)]
	n := len(x) / lanes * lanes
	widen(to[:n], x[:n])
	plainWiden(to[n:], x[n:])
}

func plainWiden(to []float32, x []uint8) {
	for j, y := range x {
		to[j] = float32(y)
	}
}

// AddScaled adds factor · x to sum, which has the length of x.
func AddScaled(sum []float64, x []float32, factor float64) {
	sum = sum[:len(x)]
	n := len(x) / lanes * lanes
	addScaled(sum[:n], x[:n], factor)
	plainAddScaled(sum[n:], x[n:], factor)
}

func plainAddScaled(sum []float64, x []float32, factor float64) {
	for j, y := range x {
		sum[j] += float64(float64(y) * factor)
	}
}

// Center sets to, which has the length of x, to (factor · x − centre) · scale, computed in double precision and rounded.
func Center(to, x []float32, factor float64, centre []float64, scale float64) {
	to, centre = to[:len(x)], centre[:len(x)]
	n := len(x) / lanes * lanes
	center(to[:n], x[:n], factor, centre[:n], scale)
	plainCenter(to[n:], x[n:], factor, centre[n:], scale)
}

func plainCenter(to, x []float32, factor float64, centre []float64, scale float64) {
	for j, y := range x {
		to[j] = float32((float64(float64(y)*factor) - centre[j]) * scale)
	}
}

// Round sets pairs to factor · x, with each product in float32 rounded to a whole number, ties to even. Pair p holds coordinate 2p in its
// lower 16 bits and coordinate 2p + 1, or 0 if there is none, in its upper ones. No product may be above 32767 in absolute value.
func Round(pairs []int32, x []float32, factor float32) {
	pairs = pairs[:(len(x)+1)/2]
	n := len(x) / lanes * lanes
	round(pairs[:n/2], x[:n], factor)
	plainRound(pairs[n/2:], x[n:], factor)
}

func plainRound(pairs []int32, x []float32, factor float32) {
	clear(pairs)
	for j, y := range x {
		word := int16(math.RoundToEven(float64(float32(y * factor))))
		pairs[j/2] |= int32(uint16(word)) << (j % 2 * 16)
	}
}
