//go:build !amd64

package walk

// squaredBytes returns the squared L2 distance of a and b, which have the same length. It is exact.
func squaredBytes(a, b []uint8) int { return squaredPlain(a, b) }
