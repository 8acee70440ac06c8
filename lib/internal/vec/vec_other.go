//go:build !amd64

package vec

func squaredL2(a, b []float32, sums *[4]float64) { plainSquaredL2(a, b, sums) }
func widen(to []float32, x []uint8)              { plainWiden(to, x) }

func dot(a, b []float32, sums *[4]float64)                 { plainDot(a, b, sums) }
func addScaled(sum []float64, x []float32, factor float64) { plainAddScaled(sum, x, factor) }
func round(pairs []int32, x []float32, factor float32)     { plainRound(pairs, x, factor) }
func center(to, x []float32, factor float64, centre []float64, scale float64) {
	plainCenter(to, x, factor, centre, scale)
}
