package jpeg

// upsampler enlarges a plane to full size row by row, as libjpeg does (jdsample.c). A ratio of 2 uses the triangle
// filter: three quarters of the nearer sample plus one quarter of the farther sample. Other ratios repeat samples.
type upsampler struct {
	samples          []uint8
	stride           int
	width, height    int // in samples, without padding
	xRatio, yRatio   int // pixels per sample
	smoothX, smoothY bool
	mixed            []int32 // a line mixed from two rows of samples
	out              []uint8 // a row at full size, with up to xRatio-1 additional pixels
}

func newUpsampler(f *frame, c *component) *upsampler {
	u := &upsampler{width: c.width, height: c.height, xRatio: f.hMax / c.h, yRatio: f.vMax / c.v}
	u.samples, u.stride = c.plane()
	// libjpeg does not smooth planes of halved width that are narrower than three samples.
	u.smoothX = u.xRatio == 2 && u.yRatio <= 2 && u.width > 2
	u.smoothY = u.yRatio == 2 && (u.xRatio == 1 || u.smoothX)
	u.mixed = make([]int32, u.width)
	u.out = make([]uint8, u.width*u.xRatio)
	return u
}

// row returns row y at full size, valid until the next call.
func (u *upsampler) row(y int) []uint8 {
	near := u.line(y / u.yRatio)
	switch {
	case u.smoothX && u.smoothY:
		u.mix(near, u.line(farther(y)))
		u.widen(4, 8, 7)
	case u.smoothX:
		for x, v := range near {
			u.mixed[x] = int32(v)
		}
		u.widen(2, 1, 2)
	case u.smoothY:
		u.mix(near, u.line(farther(y)))
		bias := int32(1 + y%2)
		for x, v := range u.mixed {
			u.out[x] = uint8((v + bias) >> 2)
		}
	case u.xRatio == 1:
		return near
	default:
		for x := range u.out {
			u.out[x] = near[x/u.xRatio]
		}
	}
	return u.out
}

// line returns line y of the plane. The first and the last line are repeated beyond the border.
func (u *upsampler) line(y int) []uint8 {
	y = min(max(y, 0), u.height-1)
	return u.samples[y*u.stride:][:u.width]
}

// farther returns the line that is second nearest to row y of the image.
func farther(y int) int { return y/2 - 1 + 2*(y%2) }

// mix computes three times the nearer line plus the farther line.
func (u *upsampler) mix(near, far []uint8) {
	for x, v := range near {
		u.mixed[x] = 3*int32(v) + int32(far[x])
	}
}

// widen doubles the width by the triangle filter and divides by 2^shift. The left and the right pixel of a sample are
// rounded with different biases. Border samples replace their missing neighbours.
func (u *upsampler) widen(shift, leftBias, rightBias int32) {
	last := u.width - 1
	for x, v := range u.mixed {
		before, after := u.mixed[max(x-1, 0)], u.mixed[min(x+1, last)]
		u.out[2*x] = uint8((3*v + before + leftBias) >> shift)
		u.out[2*x+1] = uint8((3*v + after + rightBias) >> shift)
	}
}
