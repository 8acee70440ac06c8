package sketch

import "golang.org/x/sys/cpu"

// addSquares adds (xᵢ − step·wordᵢ)² to sums[i mod 8]. x and word have the same length. All processors give the same sums.
func addSquares(x []float32, word []int8, step float32, sums *[8]float32) {
	n := 0
	if cpu.X86.HasAVX2 && len(x) >= 8 {
		n = len(x) &^ 7
		_ = word[n-1]
		squaredAVX2(&x[0], &word[0], step, n, sums)
	}
	addSquaresPlain(x[n:], word[n:], step, sums)
}

// squaredAVX2 adds the squares of n numbers, a multiple of 8 of at least 8.
//
//go:noescape
func squaredAVX2(x *float32, word *int8, step float32, n int, sums *[8]float32)
