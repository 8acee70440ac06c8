package vec

import "golang.org/x/sys/cpu"

func dot(a, b []float32, sums *[4]float64) {
	if !cpu.X86.HasAVX2 || len(a) == 0 {
		plainDot(a, b, sums)
		return
	}
	dotAVX2(&a[0], &b[0], len(a), sums)
}

func squaredL2(a, b []float32, sums *[4]float64) {
	if !cpu.X86.HasAVX2 || len(a) == 0 {
		plainSquaredL2(a, b, sums)
		return
	}
	squaredL2AVX2(&a[0], &b[0], len(a), sums)
}

func widen(to []float32, x []uint8) {
	if !cpu.X86.HasAVX2 || len(x) == 0 {
		plainWiden(to, x)
		return
	}
	widenAVX2(&to[0], &x[0], len(x))
}

func addScaled(sum []float64, x []float32, factor float64) {
	if !cpu.X86.HasAVX2 || len(x) == 0 {
		plainAddScaled(sum, x, factor)
		return
	}
	addScaledAVX2(&sum[0], &x[0], len(x), factor)
}

func center(to, x []float32, factor float64, centre []float64, scale float64) {
	if !cpu.X86.HasAVX2 || len(x) == 0 {
		plainCenter(to, x, factor, centre, scale)
		return
	}
	centerAVX2(&to[0], &x[0], len(x), factor, &centre[0], scale)
}

func round(pairs []int32, x []float32, factor float32) {
	if !cpu.X86.HasAVX2 || len(x) == 0 {
		plainRound(pairs, x, factor)
		return
	}
	roundAVX2(&pairs[0], &x[0], len(x), factor)
}

// The following do what plainDot, plainSquaredL2, plainWiden and so on do, for n coordinates, a multiple of lanes above 0.

//go:noescape
func dotAVX2(a, b *float32, n int, sums *[4]float64)

//go:noescape
func squaredL2AVX2(a, b *float32, n int, sums *[4]float64)

//go:noescape
func widenAVX2(to *float32, x *uint8, n int)

//go:noescape
func addScaledAVX2(sum *float64, x *float32, n int, factor float64)

//go:noescape
func centerAVX2(to, x *float32, n int, factor float64, centre *float64, scale float64)

//go:noescape
func roundAVX2(pairs *int32, x *float32, n int, factor float32)
