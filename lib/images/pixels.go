package images

import (
	"fmt"
	"image"
	"image/color"
)

// fromImage converts the result of a decoder to RGB, dropping alpha and low bytes.
func fromImage(m image.Image) (*RGB, error) {
	size := m.Bounds().Size()
	switch m := m.(type) {
	case *image.Paletted:
		return fromPalette(m), nil
	case *image.Gray:
		return samples{m.Pix, m.Stride, 1, [3]int{0, 0, 0}}.rgb(size), nil
	case *image.Gray16:
		return fromGrey16(m), nil
	case *image.RGBA: // opaque
		return samples{m.Pix, m.Stride, 4, [3]int{0, 1, 2}}.rgb(size), nil
	case *image.NRGBA:
		return samples{m.Pix, m.Stride, 4, [3]int{0, 1, 2}}.rgb(size), nil
	case *image.RGBA64: // opaque
		return samples{m.Pix, m.Stride, 8, [3]int{0, 2, 4}}.rgb(size), nil
	case *image.NRGBA64:
		return samples{m.Pix, m.Stride, 8, [3]int{0, 2, 4}}.rgb(size), nil
	}
	return nil, fmt.Errorf("pixels of type %T", m)
}

// samples describes the layout of pixels. offsets are the offsets of red, green and blue in a pixel.
type samples struct {
	pix         []uint8
	stride      int // bytes between the starts of rows
	bytesAPixel int
	offsets     [3]int
}

func (s samples) rgb(size image.Point) *RGB {
	out := newRGB(size.X, size.Y)
	for y := range size.Y {
		row := s.pix[y*s.stride:]
		for x := range size.X {
			for ch, offset := range s.offsets {
				out.Pix[3*(y*size.X+x)+ch] = row[x*s.bytesAPixel+offset]
			}
		}
	}
	return out
}

func fromPalette(m *image.Paletted) *RGB {
	palette := plainPalette(m.Palette)
	size := m.Bounds().Size()
	out := newRGB(size.X, size.Y)
	for y := range size.Y {
		for x, index := range m.Pix[y*m.Stride:][:size.X] {
			copy(out.Pix[3*(y*size.X+x):], palette[index][:])
		}
	}
	return out
}

// plainPalette returns the colours without alpha. Entries beyond the last colour are black.
func plainPalette(colours color.Palette) *[256][3]uint8 {
	var palette [256][3]uint8
	for i, c := range colours {
		plain := color.NRGBAModel.Convert(c).(color.NRGBA)
		palette[i] = [3]uint8{plain.R, plain.G, plain.B}
	}
	return &palette
}

// fromGrey16 clips values at 255, as Pillow does.
func fromGrey16(m *image.Gray16) *RGB {
	size := m.Bounds().Size()
	out := newRGB(size.X, size.Y)
	for y := range size.Y {
		for x := range size.X {
			grey := uint8(min(m.Gray16At(x, y).Y, 255))
			copy(out.Pix[3*(y*size.X+x):], []uint8{grey, grey, grey})
		}
	}
	return out
}
