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

// avx2 returns the squared L2 distance of n bytes, a multiple of blockBytes from 1 block to mostAVX2Bytes.
//
//go:noescape
func avx2(a, b *uint8, n int) uint32
