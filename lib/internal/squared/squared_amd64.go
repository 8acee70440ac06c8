package squared

import "golang.org/x/sys/cpu"

const (
	blockBytes    = 32      // avx2 compares whole blocks
	mostAVX2Bytes = 1 << 14 // with 255² each, the sum is less than 2³¹
)

// Bytes returns the squared L2 distance of a and b, which have the same length. It is exact.
func Bytes(a, b []uint8) (sum int) {
	b = b[:len(a)]
	for cpu.X86.HasAVX2 && len(a) >= blockBytes {
		n := min(len(a), mostAVX2Bytes) / blockBytes * blockBytes
		sum += int(avx2(&a[0], &b[0], n))
		a, b = a[n:], b[n:]
	}
	return sum + plain(a, b)
}

// floats does what plainFloats does, with the same bits.
func floats(a, b []float32) (sums [4]float64, n int) {
	if n = len(a) &^ 3; !cpu.X86.HasAVX2 || n == 0 {
		return plainFloats(a, b)
	}
	floatsAVX2(&a[0], &b[0], n, &sums)
	return sums, n
}

// floatsAVX2 computes the sums of plainFloats for n numbers, a multiple of four above 0.
//
//go:noescape
func floatsAVX2(a, b *float32, n int, sums *[4]float64)

// avx2 returns the squared L2 distance of n bytes, a multiple of blockBytes from 1 block to mostAVX2Bytes.
//
//go:noescape
func avx2(a, b *uint8, n int) uint32
