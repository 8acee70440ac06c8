package squared

const (
	blockBytes    = 32      // neon compares whole blocks
	mostNEONBytes = 1 << 14 // with 255² each, the sum is less than 2³¹
)

// Bytes returns the squared L2 distance of a and b, which have the same length. It is exact.
func Bytes(a, b []uint8) (sum int) {
	b = b[:len(a)]
	for len(a) >= blockBytes {
		n := min(len(a), mostNEONBytes) / blockBytes * blockBytes
		sum += int(neon(&a[0], &b[0], n))
		a, b = a[n:], b[n:]
	}
	return sum + plain(a, b)
}

// neon returns the squared L2 distance of n bytes, a multiple of blockBytes from 1 block to mostNEONBytes.
//
//go:noescape
func neon(a, b *uint8, n int) uint32
