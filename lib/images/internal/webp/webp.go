// Package webp decodes WebP files to the same RGB bytes as libwebp and Pillow. It uses packages vp8 and vp8l of
// golang.org/x/image for the two kinds of bitstream. It does not use package webp of golang.org/x/image, because the
// colour model of its images repeats chroma samples, which libwebp interpolates, and treats luma as full-range.
package webp

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"

	"golang.org/x/image/vp8"
	"golang.org/x/image/vp8l"
)

// Picture is an image in rows of pixels. A pixel has three bytes: red, green and blue.
type Picture struct {
	Width, Height int
	Pix           []uint8 // Height × Width × 3
}

var errTruncated = errors.New("truncated WebP file")

// Decode decodes a lossy or lossless file of at most maxPixels pixels. Alpha is dropped, not blended. The first frame of
// an animation is decoded on a black canvas. A truncated or damaged file is an error.
func Decode(content []byte, maxPixels int) (*Picture, error) {
	chunks, err := container(content)
	if err != nil {
		return nil, err
	}
	d := decoder{maxPixels: maxPixels}
	for len(chunks) > 0 {
		var c chunk
		if c, chunks, err = nextChunk(chunks); err != nil {
			return nil, err
		}
		if p, err := d.chunk(c); p != nil || err != nil {
			return p, err
		}
	}
	return nil, errors.New("WebP file without an image")
}

// container returns the chunks of a RIFF file of type WEBP.
func container(content []byte) ([]byte, error) {
	if len(content) < 12 || string(content[:4]) != "RIFF" || string(content[8:12]) != "WEBP" {
		return nil, errors.New("not a WebP file")
	}
	size := int64(binary.LittleEndian.Uint32(content[4:])) + 8
	if size < 12 || size > int64(len(content)) {
		return nil, fmt.Errorf("%w: %d bytes, want %d", errTruncated, len(content), size)
	}
	return content[12:size], nil
}

type chunk struct {
	id      string
	payload []byte
}

// nextChunk returns the first chunk and the remaining data. A chunk of odd length is followed by a byte of padding.
func nextChunk(data []byte) (chunk, []byte, error) {
	if len(data) < 8 {
		return chunk{}, nil, errTruncated
	}
	size := int64(binary.LittleEndian.Uint32(data[4:]))
	if size > int64(len(data))-8 {
		return chunk{}, nil, errTruncated
	}
	c := chunk{string(data[:4]), data[8 : 8+size]}
	return c, data[min(8+size+size&1, int64(len(data))):], nil
}

// decoder holds what has been read so far.
type decoder struct {
	maxPixels     int
	extended      bool // whether there is a VP8X chunk, which defines a canvas
	width, height int  // size of the canvas
}

// chunk decodes the image in c, or returns nil if c contains none.
func (d *decoder) chunk(c chunk) (*Picture, error) {
	switch c.id {
	case "VP8X":
		return nil, d.readCanvas(c.payload)
	case "VP8 ", "VP8L":
		p, err := d.image(c)
		if err == nil && d.extended && (p.Width != d.width || p.Height != d.height) {
			return nil, fmt.Errorf("WebP image of %d × %d pixels on a canvas of %d × %d", p.Width, p.Height, d.width, d.height)
		}
		return p, err
	case "ANMF":
		return d.frame(c.payload)
	}
	return nil, nil
}

func (d *decoder) readCanvas(payload []byte) error {
	if len(payload) < 10 {
		return fmt.Errorf("WebP chunk VP8X of %d bytes, want 10", len(payload))
	}
	d.extended = true
	d.width, d.height = 1+uint24(payload[4:]), 1+uint24(payload[7:])
	return d.checkSize(d.width, d.height)
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

func (d *decoder) checkSize(width, height int) error {
	if width < 1 || height < 1 || width > d.maxPixels/height {
		return fmt.Errorf("WebP image of %d × %d pixels, want 1…%d in all", width, height, d.maxPixels)
	}
	return nil
}

// frame decodes the first frame of an animation and places it on the canvas.
func (d *decoder) frame(payload []byte) (*Picture, error) {
	if len(payload) < 16 || !d.extended {
		return nil, errors.New("WebP animation frame without a header or a canvas")
	}
	left, top := 2*uint24(payload), 2*uint24(payload[3:])
	for rest := payload[16:]; len(rest) > 0; {
		var c chunk
		var err error
		if c, rest, err = nextChunk(rest); err != nil {
			return nil, err
		}
		if c.id != "VP8 " && c.id != "VP8L" {
			continue
		}
		p, err := d.image(c)
		if err != nil {
			return nil, err
		}
		return d.onCanvas(p, left, top)
	}
	return nil, errors.New("WebP animation frame without an image")
}

func (d *decoder) onCanvas(p *Picture, left, top int) (*Picture, error) {
	if left > d.width-p.Width || top > d.height-p.Height {
		return nil, fmt.Errorf("WebP animation frame of %d × %d pixels at %d, %d of a canvas of %d × %d",
			p.Width, p.Height, left, top, d.width, d.height)
	}
	out := newPicture(d.width, d.height)
	for y := range p.Height {
		copy(out.Pix[3*((top+y)*d.width+left):], p.Pix[3*y*p.Width:][:3*p.Width])
	}
	return out, nil
}

func newPicture(width, height int) *Picture {
	return &Picture{Width: width, Height: height, Pix: make([]uint8, 3*width*height)}
}

// image decodes the bitstream in c. The decoders of golang.org/x/image may panic on a damaged bitstream.
func (d *decoder) image(c chunk) (p *Picture, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("damaged WebP file")
		}
	}()
	if c.id == "VP8L" {
		return d.lossless(c.payload)
	}
	v := vp8.NewDecoder()
	v.Init(bytes.NewReader(c.payload), len(c.payload))
	header, err := v.DecodeFrameHeader()
	if err != nil {
		return nil, fmt.Errorf("WebP: %w", err)
	}
	if err := d.checkSize(header.Width, header.Height); err != nil {
		return nil, err
	}
	m, err := v.DecodeFrame()
	if err != nil {
		return nil, fmt.Errorf("WebP: %w", err)
	}
	return fromYUV(m), nil
}

func (d *decoder) lossless(payload []byte) (*Picture, error) {
	config, err := vp8l.DecodeConfig(bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("WebP: %w", err)
	}
	if err := d.checkSize(config.Width, config.Height); err != nil {
		return nil, err
	}
	m, err := vp8l.Decode(bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("WebP: %w", err)
	}
	plain, ok := m.(*image.NRGBA)
	if !ok {
		return nil, fmt.Errorf("WebP: pixels of type %T", m)
	}
	out := newPicture(config.Width, config.Height)
	for y := range out.Height {
		row := plain.Pix[y*plain.Stride:]
		for x := range out.Width {
			copy(out.Pix[3*(y*out.Width+x):][:3], row[4*x:])
		}
	}
	return out, nil
}
