package images

import (
	"bytes"
	"image"
	_ "image/jpeg"
	_ "image/png"
)

func decode(content []byte) (*RGB, error) {
	m, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	size := m.Bounds().Size()
	out := newRGB(size.X, size.Y)
	for y := range size.Y {
		for x := range size.X {
			r, g, b, _ := m.At(x+m.Bounds().Min.X, y+m.Bounds().Min.Y).RGBA()
			copy(out.Pix[3*(y*size.X+x):], []uint8{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8)})
		}
	}
	return out, nil
}
