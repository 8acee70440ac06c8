package ann

import (
	"fmt"
	"math"
	"slices"
)

// Between shortestSet and longestRow, squared distances and products in float32 neither overflow nor lose digits.
const (
	longestRow  = 1 << 62             // (2·longestRow)² = 2¹²⁶
	shortestSet = 1. / (1 << 40)      // of a set's longest row
	vanishing   = shortestSet / 32768 // 2⁻⁵⁵: the square of a distance this short has 16 bits left in float32
)

// Length is ‖x‖ in double precision: no float32 overflows or underflows it.
func Length(x []float32) float64 { return math.Sqrt(dot(x, x)) }

// PowerOfTwo is the factor that brings vectors, the longest of which has the given length, into the range of float32's
// squares: 1 for those that are in it. Multiplying by it changes no digit, but of coordinates 2⁸⁰ times smaller than the longest
// vector.
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

// CheckRange reports vectors that programs which compute the metric in float32 would silently get wrong: whose squares
// overflow or underflow. It accepts no set that PowerOfTwo would scale. Exact search needs no such check.
func CheckRange(v Vectors, metric Metric) error {
	longest, at := 0., 0
	var short []float32 // a row that is all but zero
	vanished := -1      // another
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
		return fmt.Errorf("vectors: row %d has length %.2g and row %d %.2g: in float32 the squares of such short vectors vanish; "+
			"leave them out, or scale them all", vanished, Length(v.Row(vanished)), at, longest)
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
