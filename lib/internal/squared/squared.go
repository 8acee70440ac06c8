// Package squared computes squared L2 distances of vectors of bytes, with AVX2 or NEON, and of vectors of float32 in double precision,
// with AVX2, where the CPU has it.
package squared

// Floats returns the squared L2 distance of a and b, which have the same length, computed in double precision. It is the same on every
// CPU.
func Floats(a, b []float32) float64 {
	b = b[:len(a)]
	sums, i := floats(a, b)
	for ; i < len(a); i++ {
		d := float64(a[i]) - float64(b[i])
		sums[0] += float64(d * d)
	}
	return (sums[0] + sums[1]) + (sums[2] + sums[3])
}

// plainFloats returns the sums of the squares at the places 0, 4, 8, …, at 1, 5, 9, … and so on before the place n, the largest multiple
// of four that is at most len(a), and n.
func plainFloats(a, b []float32) (sums [4]float64, n int) {
	for ; n+4 <= len(a); n += 4 {
		for j := range sums {
			d := float64(a[n+j]) - float64(b[n+j])
			sums[j] += float64(d * d)
		}
	}
	return sums, n
}

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
