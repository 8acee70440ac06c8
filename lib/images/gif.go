package images

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/gif"
)

// decodeGIF decodes the first frame on a canvas of the transparent colour, or of the first palette colour if there is
// none.
func decodeGIF(content []byte) (*RGB, error) {
	content = bytes.Clone(content)
	f, err := openGIF(content)
	if err != nil {
		return nil, err
	}
	if err := checkSize("GIF", f.width, f.height); err != nil {
		return nil, err
	}
	decoded, err := gif.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	m := decoded.(*image.Paletted)
	palette := plainPalette(m.Palette)
	return fromPalette(m).onCanvas(f.width, f.height, m.Rect.Min, palette[f.background]), nil
}

// onCanvas returns m at a position of a canvas of one colour.
func (m *RGB) onCanvas(width, height int, at image.Point, colour [3]uint8) *RGB {
	if m.Width == width && m.Height == height {
		return m
	}
	out := newRGB(width, height)
	for p := range width * height {
		copy(out.Pix[3*p:], colour[:])
	}
	for y := range m.Height {
		copy(out.Pix[3*((at.Y+y)*width+at.X):], m.Pix[3*y*m.Width:][:3*m.Width])
	}
	return out
}

// gifFile holds what precedes the pixels of the first frame.
type gifFile struct {
	content       []byte
	next          int // offset of the first unread byte
	width, height int // size of the canvas, which includes the whole frame
	background    uint8
}

const (
	gifExtension      = 0x21
	gifFrame          = 0x2c
	gifGraphicControl = 0xf9
)

// openGIF reads the file up to the first frame. It modifies content: it clears the transparency flags, because package
// gif replaces the transparent colour by black, and it enlarges the canvas to include the frame, as Pillow does.
func openGIF(content []byte) (*gifFile, error) {
	if len(content) < 13 {
		return nil, errGIFTruncated
	}
	f := &gifFile{content: content, next: 13}
	f.skipPalette(content[10])
	for {
		if f.next >= len(content) {
			return nil, errGIFTruncated
		}
		switch kind := content[f.next]; kind {
		case gifExtension:
			f.extension()
		case gifFrame:
			return f, f.frame()
		default:
			return nil, fmt.Errorf("GIF block of type 0x%02x before the first frame", kind)
		}
	}
}

var errGIFTruncated = errors.New("truncated GIF file")

// skipPalette skips the palette that flags announce.
func (f *gifFile) skipPalette(flags uint8) {
	if flags&0x80 != 0 {
		f.next += 3 << (flags&7 + 1)
	}
}

// extension skips an extension. A graphic control extension may specify the transparent colour.
func (f *gifFile) extension() {
	if body := f.content[f.next:]; len(body) >= 7 && body[1] == gifGraphicControl && body[2] >= 4 && body[3]&1 != 0 {
		f.background = body[6]
		body[3] &^= 1
	}
	f.next += 2
	for f.next < len(f.content) && f.content[f.next] != 0 {
		f.next += 1 + int(f.content[f.next])
	}
	f.next++
}

func (f *gifFile) frame() error {
	if len(f.content) < f.next+10 {
		return errGIFTruncated
	}
	screen, rect := f.content[6:], f.content[f.next+1:]
	for axis, size := range []*int{&f.width, &f.height} {
		end := int(binary.LittleEndian.Uint16(rect[2*axis:])) + int(binary.LittleEndian.Uint16(rect[4+2*axis:]))
		*size = max(int(binary.LittleEndian.Uint16(screen[2*axis:])), end)
		if *size > 0xffff {
			return fmt.Errorf("GIF frame that ends at pixel %d, want at most %d", *size, 0xffff)
		}
		binary.LittleEndian.PutUint16(screen[2*axis:], uint16(*size))
	}
	return nil
}
