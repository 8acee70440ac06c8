package tile

import (
	"math"

	"anncapacity/lib/internal/vec"
)

const (
	// mostWord is the length of a vector in units of its words. No word is above it, and a sum of products of two vectors is below 2³¹.
	mostWord = 1<<15 - 2
	// Shortest is the length up to which the words of a vector are 0.
	Shortest = 1. / (1 << 60)
)

// WordError returns an error bound of 2a·b as a share of ‖a‖² + ‖b‖², and of a·b as a share of ‖a‖·‖b‖, if a and b are rounded to words of
// d dimensions and longer than Shortest. A word is wrong by at most half a unit, and by the rounding of its quotient before that.
func WordError(d int) float64 {
	share := (float64(math.Sqrt(float64(d))/2) + .01) / mostWord // of the length of the difference from a vector in its length
	return share * (2 + share)
}

// Round sets pairs to the words of x, which has the given length in float32, and returns their unit. Pair p holds coordinates 2p and
// 2p + 1.
func Round(pairs []int32, x []float32, length float64) (unit float32) {
	if !(length > Shortest) {
		clear(pairs)
		return 0
	}
	vec.Round(pairs, x, float32(mostWord/length))
	return float32(length / mostWord)
}

// Scatter writes a vector, or its pairs of words, to its place among panels of so many vectors.
func Scatter[T int32 | float32](panels, vector []T, at, width int) {
	to := panels[at/width*width*len(vector)+at%width:]
	for j, x := range vector {
		to[j*width] = x
	}
}
