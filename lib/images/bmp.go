package images

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/image/bmp"
)

// bmpHeader holds the fields that determine whether a BMP file is supported.
type bmpHeader struct {
	length          int // length of the second header
	width, height   int
	bits            uint16
	compression     uint32
	colours, pixels int // number of palette entries, offset of the pixels
}

const bmpFileHeader = 14

// decodeBMP decodes uncompressed files of 1, 4, 8, 24 and 32 bits per pixel.
func decodeBMP(content []byte) (*RGB, error) {
	h, err := readBMPHeader(content)
	if err != nil {
		return nil, err
	}
	if err := checkSize("BMP", h.width, h.height); err != nil {
		return nil, err
	}
	m, err := guarded("BMP", bmp.Decode, h.withoutGap(content))
	switch {
	case errors.Is(err, bmp.ErrUnsupported):
		return nil, h.unsupported()
	case err != nil:
		return nil, fmt.Errorf("damaged or truncated BMP file: %w", err)
	}
	return fromImage(m)
}

func readBMPHeader(content []byte) (h bmpHeader, err error) {
	number := func(at int) int { return int(binary.LittleEndian.Uint32(content[at:])) }
	h.length = number(bmpFileHeader)
	if h.length < 40 || len(content) < bmpFileHeader+h.length {
		return h, fmt.Errorf("BMP header of %d bytes in a file of %d: want at least 40, or the file is truncated", h.length, len(content))
	}
	h.width, h.height = int(int32(number(18))), int(int32(number(22)))
	if h.height < 0 { // rows from top to bottom
		h.height = -h.height
	}
	h.bits, h.compression = binary.LittleEndian.Uint16(content[28:]), uint32(number(30))
	h.colours, h.pixels = 0, number(10)
	if h.bits <= 8 {
		if h.colours = number(46); h.colours == 0 {
			h.colours = 1 << h.bits
		}
	}
	if !slices.Contains([]uint16{1, 4, 8, 24, 32}, h.bits) {
		return h, h.unsupported()
	}
	return h, nil
}

// unsupported returns the error for a file that package bmp does not support.
func (h bmpHeader) unsupported() error {
	names := []string{"none", "RLE8", "RLE4", "bit fields", "JPEG", "PNG"}
	compression := fmt.Sprint(h.compression)
	if int(h.compression) < len(names) {
		compression = names[h.compression]
	}
	return fmt.Errorf("BMP file of %d bits per pixel, compression %s, %d colours: want 1, 4, 8, 24 or 32 bits, uncompressed",
		h.bits, compression, h.colours)
}

// withoutGap moves the pixels directly behind the headers and the palette, where package bmp expects them.
func (h bmpHeader) withoutGap(content []byte) []byte {
	end := bmpFileHeader + h.length + 4*h.colours
	if h.pixels <= end || h.pixels > len(content) || h.compression != 0 {
		return content
	}
	moved := slices.Concat(content[:end], content[h.pixels:])
	binary.LittleEndian.PutUint32(moved[10:], uint32(end))
	return moved
}
