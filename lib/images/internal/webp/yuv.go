package webp

import "image"

// fromYUV enlarges chroma to full size and converts to RGB. A chroma sample lies in the centre of four pixels. The
// chroma of a pixel is the weighted mean, rounded, of the nearest sample (9), the samples beside it and above or below
// it (3 each) and the diagonal one (1).
func fromYUV(m *image.YCbCr) *Picture {
	size := m.Bounds().Size()
	out := newPicture(size.X, size.Y)
	row := chromaRow{cb: make([]int32, size.X), cr: make([]int32, size.X)}
	for y := range size.Y {
		row.fill(m, y, size)
		luma := m.Y[y*m.YStride:]
		for x := range size.X {
			writeRGB(out.Pix[3*(y*size.X+x):], int32(luma[x]), row.cb[x], row.cr[x])
		}
	}
	return out
}

// chromaRow is the chroma of one row of pixels.
type chromaRow struct{ cb, cr []int32 }

func (r chromaRow) fill(m *image.YCbCr, y int, size image.Point) {
	near := y / 2 * m.CStride
	far := neighbour(y, size.Y) * m.CStride
	for x := range size.X {
		here, beside := x/2, neighbour(x, size.X)
		r.cb[x] = blend(m.Cb[near+here], m.Cb[near+beside], m.Cb[far+here], m.Cb[far+beside])
		r.cr[x] = blend(m.Cr[near+here], m.Cr[near+beside], m.Cr[far+here], m.Cr[far+beside])
	}
}

// neighbour returns the second nearest of the (n+1)/2 chroma samples of a line of n pixels, or the nearest if there is
// no second.
func neighbour(pixel, n int) int {
	return min(max((pixel-1)/2+pixel%2, 0), (n-1)/2)
}

func blend(nearest, beside, across, diagonal uint8) int32 {
	return (9*int32(nearest) + 3*int32(beside) + 3*int32(across) + int32(diagonal) + 8) >> 4
}

// writeRGB converts by BT.601 with luma in 16…235 and chroma in 16…240. The factors are fractions of 2¹⁴ (the first is
// 255/219), and products are truncated to 2⁻⁶, as in libwebp (src/dsp/yuv.h).
func writeRGB(pix []uint8, y, cb, cr int32) {
	luma := y * 19077 >> 8
	pix[0] = clamp(luma + cr*26149>>8 - 14234)
	pix[1] = clamp(luma - cb*6419>>8 - cr*13320>>8 + 8708)
	pix[2] = clamp(luma + cb*33050>>8 - 17685)
}

func clamp(v int32) uint8 { return uint8(min(max(v>>6, 0), 255)) }
