package images

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"

	"anncapacity/lib/images/internal/jpeg"
	"anncapacity/lib/images/internal/webp"
)

// maxPixels guards memory against a broken header.
const maxPixels = jpeg.MaxPixels

// decode turns a JPEG, PNG, WebP, BMP, GIF or TIFF file, told by its first bytes, into what Pillow's
// Image.open(file).convert("RGB") gives. Alpha is dropped, not blended. Samples of 16 bits keep their high byte, in
// colour, and are cut off at 255, in grey without alpha. Of an animation and of a file of several pages the first image is
// read. Orientation is left alone, but for TIFF, where Pillow applies it. A damaged file is an error, and so is an image
// of more than maxPixels pixels.
func decode(content []byte) (*RGB, error) {
	f := formatOf(content)
	if f.decode == nil {
		return nil, f.refusal()
	}
	m, err := f.decode(content)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// guarded calls a decoder of golang.org/x/image, which may panic on a damaged file.
func guarded(format string, decode func(io.Reader) (image.Image, error), content []byte) (m image.Image, err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("damaged %s file", format)
		}
	}()
	return decode(bytes.NewReader(content))
}

// checkSize refuses what would not fit into memory.
func checkSize(format string, width, height int) error {
	if width < 1 || height < 1 || width > maxPixels/height {
		return fmt.Errorf("%s image of %d × %d pixels, want 1…%d in all", format, width, height, maxPixels)
	}
	return nil
}

func decodeJPEG(content []byte) (*RGB, error) {
	m, err := jpeg.Decode(content)
	return (*RGB)(m), err
}

func decodeWebP(content []byte) (*RGB, error) {
	m, err := webp.Decode(content, maxPixels)
	return (*RGB)(m), err
}

func decodePNG(content []byte) (*RGB, error) {
	config, err := png.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	if err := checkSize("PNG", config.Width, config.Height); err != nil {
		return nil, err
	}
	m, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	return fromImage(m)
}

// refusal says what a file is that is not decoded.
func (f format) refusal() error {
	if f.name == "" {
		return errors.New("no image: want " + readFormats)
	}
	return fmt.Errorf("%s, which is not read: want %s", f.name, readFormats)
}
