// Package atmost finds the values that are at most a limit, with AVX2 or NEON where the CPU has it.
package atmost

// Next returns the index of the first value that is at most limit, or the number of values if there is none. A NaN is not at most
// any limit, and no value is at most NaN.
func Next(values []float32, limit float32) int {
	from := skip(values, limit)
	return from + plain(values[from:], limit)
}

// plain does what Next does.
func plain(values []float32, limit float32) int {
	for i, value := range values {
		if value <= limit {
			return i
		}
	}
	return len(values)
}
