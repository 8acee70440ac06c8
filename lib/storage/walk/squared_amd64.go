package walk

import "golang.org/x/sys/cpu"

const (
	blockBytes    = 32      // squaredAVX2 compares whole blocks
	mostAVX2Bytes = 1 << 14 // with 255² each, the sum is less than 2³¹
)

// squaredBytes returns the squared L2 distance of a and b, which have the same length. It is exact.
func squaredBytes(a, b []uint8) (sum int) {
	b = b[:len(a)]
	for cpu.X86.HasAVX2 && len(a) >= blockBytes {
		n := min(len(a), mostAVX2Bytes) / blockBytes * blockBytes
		sum += int(squaredAVX2(&a[0], &b[0], n))
		a, b = a[n:], b[n:]
	}
	return sum + squaredPlain(a, b)
}

// squaredAVX2 returns the squared L2 distance of n bytes, a multiple of blockBytes from 1 block to mostAVX2Bytes.
//
//go:noescape
func squaredAVX2(a, b *uint8, n int) uint32
