//go:build !amd64 && !arm64

package squared

// Bytes returns the squared L2 distance of a and b, which have the same length. It is exact.
func Bytes(a, b []uint8) int { return plain(a, b) }
