//go:build !amd64

package sketch

// addSquares adds (xᵢ − step·wordᵢ)² to sums[i mod 8]. x and word have the same length. All processors give the same sums.
func addSquares(x []float32, word []int8, step float32, sums *[8]float32) {
	addSquaresPlain(x, word, step, sums)
}
