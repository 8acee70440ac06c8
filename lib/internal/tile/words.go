package tile

import "math"

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
