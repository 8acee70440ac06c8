package widen

import "golang.org/x/sys/cpu"

// floats does what Floats does up to a place, which it returns.
func floats(into []float32, from []uint8) int {
	n := len(from) &^ 7
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	floatsAVX2(&into[0], &from[0], n)
	return n
}

// add does what Add does up to a place, which it returns.
func add(sums []float64, x []float32) int {
	n := len(x) &^ 7
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	addAVX2(&sums[0], &x[0], n)
	return n
}

// floatsAVX2 does what Floats does for n numbers, a multiple of eight above 0.
//
//go:noescape
func floatsAVX2(into *float32, from *uint8, n int)

// addAVX2 does what Add does for n numbers, a multiple of eight above 0.
//
//go:noescape
func addAVX2(sums *float64, x *float32, n int)
