package atmost

import "golang.org/x/sys/cpu"

// block is the number of values that avx2 compares at a time.
const block = 32

// skip returns a number of values at the beginning of which none is at most limit.
func skip(values []float32, limit float32) int {
	n := len(values) / block * block
	if n == 0 || !cpu.X86.HasAVX2 {
		return 0
	}
	return avx2(&values[0], n, limit)
}

// avx2 returns the number of values in the leading blocks, of n/block in total, in which none is at most limit. n is a multiple of
// block above 0.
//
//go:noescape
func avx2(values *float32, n int, limit float32) int
