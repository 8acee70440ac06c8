// Package widen converts bytes to float32, and adds float32 in double precision, with AVX2 where the CPU has it.
package widen

// Floats sets into to the numbers from. Both have the same length.
func Floats(into []float32, from []uint8) {
	into = into[:len(from)]
	for i := floats(into, from); i < len(from); i++ {
		into[i] = float32(from[i])
	}
}

// Add adds the numbers x to the sums, each to its own. Both have the same length.
func Add(sums []float64, x []float32) {
	sums = sums[:len(x)]
	for i := add(sums, x); i < len(x); i++ {
		sums[i] += float64(x[i])
	}
}
