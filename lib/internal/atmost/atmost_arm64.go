package atmost

// block is the number of values that neon compares at a time.
const block = 32

// skip returns a number of values at the beginning of which none is at most limit.
func skip(values []float32, limit float32) int {
	n := len(values) / block * block
	if n == 0 {
		return 0
	}
	return neon(&values[0], n, limit)
}

// neon returns the number of values in the leading blocks, of n/block in total, in which none is at most limit. n is a multiple of
// block above 0.
//
//go:noescape
func neon(values *float32, n int, limit float32) int
