// Package squared computes squared L2 distances of vectors of bytes, with AVX2 or NEON where the CPU has it.
package squared

// plain returns the squared L2 distance of a and b, which have the same length. It is exact.
func plain(a, b []uint8) int {
	b = b[:len(a)]
	var s0, s1, s2, s3 int
	i := 0
	for ; i+4 <= len(a); i += 4 {
		d0, d1, d2, d3 := int(a[i])-int(b[i]), int(a[i+1])-int(b[i+1]), int(a[i+2])-int(b[i+2]), int(a[i+3])-int(b[i+3])
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
	}
	for ; i < len(a); i++ {
		d := int(a[i]) - int(b[i])
		s0 += d * d
	}
	return s0 + s1 + s2 + s3
}
