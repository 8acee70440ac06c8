package ann

import (
	"fmt"
	"math"
	"slices"
)

// If the longest row of a set has a length between shortestSet and longestRow, squared distances and products of its
// rows neither overflow nor lose digits in float32.
const (
	longestRow  = 1 << 62             // maximum length of a row: (2·longestRow)² = 2¹²⁶
	shortestSet = 1. / (1 << 40)      // minimum length of a set's longest row
	vanishing   = shortestSet / 32768 // 2⁻⁵⁵: the square of a distance this short keeps 16 bits in float32
)

// Length returns the Euclidean norm of x, computed in double precision. No float32 makes it overflow or underflow.
func Length(x []float32) float64 { return math.Sqrt(dot(x, x)) }

// PowerOfTwo returns the power of two by which a set of vectors must be multiplied so that float32 can hold their
// squared distances. longest is the length of the longest vector of the set. The factor is 1 if no scaling is needed.
// Multiplying by it changes no digit, except of coordinates that are 2⁸⁰ times smaller than the longest vector.
func PowerOfTwo(longest float64) float64 {
	if longest == 0 || longest >= shortestSet && longest <= longestRow {
		return 1
	}
	return math.Ldexp(1, 40-exponent(longest))
}

func exponent(x float64) int {
	_, e := math.Frexp(x)
	return e
}

// CheckRange reports vectors for which a program that computes the metric in float32 would silently return wrong
// distances, because their squares overflow or underflow. It rejects every set that PowerOfTwo would scale. Exact search
// accepts such vectors.
func CheckRange(v Vectors, metric Metric) error {
	longest, at := 0., 0
	var short []float32 // the last row shorter than vanishing
	vanished := -1      // a row whose squares, or those of its differences, underflow
	for i := range v.N {
		row := v.Row(i)
		length := Length(row)
		if length > longest || length != length {
			longest, at = length, i
		}
		if length >= vanishing {
			continue
		}
		if metric == Cosine && length > 0 || short != nil && !slices.Equal(short, row) {
			vanished = i
		}
		short = row
	}
	switch {
	case PowerOfTwo(longest) != 1:
		return outOfRange(at, longest)
	case vanished >= 0:
		return fmt.Errorf("vectors: row %d has length %.2g and row %d %.2g: the squares of such short vectors underflow float32; "+
			"remove them or scale all vectors", vanished, Length(v.Row(vanished)), at, longest)
	}
	return nil
}

func outOfRange(row int, longest float64) error {
	what := "overflow"
	if longest < 1 {
		what = "underflow"
	}
	e := 1 - exponent(longest)
	return fmt.Errorf("vectors: row %d has length %.2g: squared distances %s float32; multiply all vectors by 2^%d (about 1e%+d)",
		row, longest, what, e, int(math.Round(float64(e)*math.Log10(2))))
}
