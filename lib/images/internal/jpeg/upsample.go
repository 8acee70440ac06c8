package jpeg

// upsampler brings a plane to full size row by row, as libjpeg does (jdsample.c): halved sides by the triangle filter, three
// quarters of the nearer sample and one quarter of the farther one; other ratios by repetition.
type upsampler struct {
	samples          []uint8
	stride           int
	width, height    int // samples without padding
	xRatio, yRatio   int // pixels a sample
	smoothX, smoothY bool
	mixed            []int32 // one line, weighted over rows
	out              []uint8 // one row at full size, and up to xRatio-1 pixels more
}

func newUpsampler(f *frame, c *component) *upsampler {
	u := &upsampler{width: c.width, height: c.height, xRatio: f.hMax / c.h, yRatio: f.vMax / c.v}
	u.samples, u.stride = c.plane()
	// libjpeg smooths no plane narrower than three samples where the width is halved.
	u.smoothX = u.xRatio == 2 && u.yRatio <= 2 && u.width > 2
	u.smoothY = u.yRatio == 2 && (u.xRatio == 1 || u.smoothX)
	u.mixed = make([]int32, u.width)
	u.out = make([]uint8, u.width*u.xRatio)
	return u
}

// row is row y at full size, valid until the next call.
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

// line is line y of the plane; the first and the last one go on beyond the border.
func (u *upsampler) line(y int) []uint8 {
	y = min(max(y, 0), u.height-1)
	return u.samples[y*u.stride:][:u.width]
}

// farther is the second nearest line to row y of the image.
func farther(y int) int { return y/2 - 1 + 2*(y%2) }

// mix is three parts of the nearer line and one of the farther.
func (u *upsampler) mix(near, far []uint8) {
	for x, v := range near {
		u.mixed[x] = 3*int32(v) + int32(far[x])
	}
}

// widen doubles the width by the triangle filter and divides by 2^shift; the left and the right pixel of a sample round
// with their own bias. At the borders the sample stands for its missing neighbour.
func (u *upsampler) widen(shift, leftBias, rightBias int32) {
	last := u.width - 1
	for x, v := range u.mixed {
		before, after := u.mixed[max(x-1, 0)], u.mixed[min(x+1, last)]
		u.out[2*x] = uint8((3*v + before + leftBias) >> shift)
		u.out[2*x+1] = uint8((3*v + after + rightBias) >> shift)
	}
}
