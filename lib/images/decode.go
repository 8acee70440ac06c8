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

// maxPixels limits the memory that a damaged header can request.
const maxPixels = jpeg.MaxPixels

// decode returns the pixels that Pillow's Image.open(file).convert("RGB") returns for a JPEG, PNG, WebP, BMP, GIF or
// TIFF file, recognized by its first bytes. Alpha is dropped, not blended. Samples of 16 bits are reduced to their high
// byte in colour images and clipped at 255 in grey images without alpha. The first image of an animation or of a file
// with several pages is decoded. Orientation is applied only to TIFF files, as Pillow does. It is an error if the file
// is damaged or the image has more than maxPixels pixels.
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

// checkSize returns an error if an image has no pixels or more than maxPixels.
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

// refusal returns the error for a file that is not decoded.
func (f format) refusal() error {
	if f.name == "" {
		return errors.New("no image: want " + readFormats)
	}
	return fmt.Errorf("%s, which is not read: want %s", f.name, readFormats)
}
