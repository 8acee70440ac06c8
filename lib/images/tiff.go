package images

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"slices"

	"golang.org/x/image/tiff"
)

// decodeTIFF decodes the first image of a file. Files that package tiff would decode incorrectly or differently from
// Pillow are rejected (see check). The Orientation tag is applied, as Pillow does when it loads an image.
func decodeTIFF(content []byte) (*RGB, error) {
	h, err := readTIFFHeader(content)
	if err != nil {
		return nil, err
	}
	if err := h.check(); err != nil {
		return nil, err
	}
	decoded, err := guarded("TIFF", tiff.Decode, content)
	if err != nil {
		return nil, err
	}
	if h.first(tiffExtraSamples, 0) == associatedAlpha {
		divideByAlpha(decoded)
	}
	if h.isFax() && h.first(tiffPhotometric, whiteIsZero) == blackIsZero {
		invert(decoded)
	}
	m, err := fromImage(decoded)
	if err != nil {
		return nil, err
	}
	return m.oriented(h.first(tiffOrientation, 1)), nil
}

// Tags and values (TIFF 6.0, section 8).
const (
	tiffWidth           = 256
	tiffHeight          = 257
	tiffBits            = 258
	tiffCompression     = 259
	tiffPhotometric     = 262
	tiffFillOrder       = 266
	tiffOrientation     = 274
	tiffSamples         = 277
	tiffPlanar          = 284
	tiffT4Options       = 292
	tiffPredictor       = 317
	tiffTileWidth       = 322
	tiffTileHeight      = 323
	tiffExtraSamples    = 338
	associatedAlpha     = 1
	whiteIsZero         = 0
	blackIsZero         = 1
	compressionGroup3   = 3
	compressionGroup4   = 4
	compressionLZW      = 5
	compressionDeflate  = 8
	compressionDeflate2 = 32946
)

// tiffHeader holds the numbers in the first directory, by tag.
type tiffHeader struct {
	content []byte
	order   binary.ByteOrder
	fields  map[uint16][]uint32
}

var errTIFFTruncated = errors.New("truncated TIFF file")

func readTIFFHeader(content []byte) (*tiffHeader, error) {
	h := &tiffHeader{content, binary.LittleEndian, map[uint16][]uint32{}}
	if content[0] == 'M' {
		h.order = binary.BigEndian
	}
	if len(content) < 8 {
		return nil, errTIFFTruncated
	}
	at := int64(h.order.Uint32(content[4:]))
	if at+2 > int64(len(content)) {
		return nil, errTIFFTruncated
	}
	entries := content[at+2:]
	count := int(h.order.Uint16(content[at:]))
	if len(entries) < 12*count {
		return nil, errTIFFTruncated
	}
	for entry := range slices.Chunk(entries[:12*count], 12) {
		if err := h.read(entry); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// read stores the first values of a field of unsigned integers.
func (h *tiffHeader) read(entry []byte) error {
	tag, kind, count := h.order.Uint16(entry), h.order.Uint16(entry[2:]), int64(h.order.Uint32(entry[4:]))
	size := map[uint16]int64{1: 1, 3: 2, 4: 4}[kind]
	if size == 0 {
		return nil
	}
	values := entry[8:]
	if count*size > 4 {
		at := int64(h.order.Uint32(values))
		if at+count*size > int64(len(h.content)) {
			return fmt.Errorf("%w: field %d", errTIFFTruncated, tag)
		}
		values = h.content[at:]
	}
	for i := range min(count, 16) {
		switch at := values[i*size:]; kind {
		case 1:
			h.fields[tag] = append(h.fields[tag], uint32(at[0]))
		case 3:
			h.fields[tag] = append(h.fields[tag], uint32(h.order.Uint16(at)))
		case 4:
			h.fields[tag] = append(h.fields[tag], h.order.Uint32(at))
		}
	}
	return nil
}

// first returns the first value of a field, or absent if the field does not exist.
func (h *tiffHeader) first(tag uint16, absent uint32) uint32 {
	if values := h.fields[tag]; len(values) > 0 {
		return values[0]
	}
	return absent
}

// isFax reports whether the compression is one of those for black-and-white images.
func (h *tiffHeader) isFax() bool {
	compression := h.first(tiffCompression, 1)
	return compression == compressionGroup3 || compression == compressionGroup4
}

// check returns an error that names the feature if package tiff does not support the file or would decode it incorrectly
// without an error.
func (h *tiffHeader) check() error {
	for _, size := range [][2]uint16{{tiffWidth, tiffHeight}, {tiffTileWidth, tiffTileHeight}} {
		if h.fields[size[0]] == nil && size[0] == tiffTileWidth {
			continue
		}
		if err := checkSize("TIFF", int(h.first(size[0], 0)), int(h.first(size[1], 0))); err != nil {
			return err
		}
	}
	compression := h.first(tiffCompression, 1)
	predicted := slices.Contains([]uint32{compressionLZW, compressionDeflate, compressionDeflate2}, compression)
	switch predictor := h.first(tiffPredictor, 1); {
	case compressionNames[compression] != "":
		return fmt.Errorf("TIFF compression %s is not supported: %s", compressionNames[compression], tiffAdvice)
	case h.first(tiffPlanar, 1) != 1 && h.first(tiffSamples, 1) > 1:
		return fmt.Errorf("TIFF samples in separate planes are not supported: %s", tiffAdvice)
	case predictor != 1 && (predictor != 2 || !predicted):
		return fmt.Errorf("TIFF predictor %d with compression %d is not supported: %s", predictor, compression, tiffAdvice)
	case h.first(tiffFillOrder, 1) != 1 && !h.isFax():
		return fmt.Errorf("TIFF fill order %d is not supported: %s", h.first(tiffFillOrder, 1), tiffAdvice)
	case compression == compressionGroup3 && h.first(tiffT4Options, 0)&1 != 0:
		return fmt.Errorf("TIFF compression CCITT group 3 in two dimensions is not supported: %s", tiffAdvice)
	case h.isFax() && h.first(tiffPhotometric, whiteIsZero) > blackIsZero:
		return fmt.Errorf("TIFF compression %d of an image in colours is not supported: %s", compression, tiffAdvice)
	case h.first(tiffPhotometric, whiteIsZero) == whiteIsZero && h.first(tiffBits, 1) == 16:
		return fmt.Errorf("TIFF image of 16 bits where white is zero is not supported: %s", tiffAdvice)
	}
	return nil
}

const tiffAdvice = "convert the file to PNG"

// compressionNames are compressions that occur in files and that package tiff does not support.
var compressionNames = map[uint32]string{
	2: "CCITT modified Huffman", 6: "JPEG (old style)", 7: "JPEG", 34712: "JPEG 2000", 34887: "LERC", 34925: "LZMA",
	50000: "Zstandard", 50001: "WebP", 52546: "JPEG XL",
}

// divideByAlpha reverses the multiplication by alpha of 8- or 16-bit pixels as Pillow does, on the high bytes.
func divideByAlpha(m image.Image) {
	var pix []uint8
	size := 1 // bytes per sample
	switch m := m.(type) {
	case *image.RGBA:
		pix = m.Pix
	case *image.RGBA64:
		pix, size = m.Pix, 2
	}
	for pixel := range slices.Chunk(pix, 4*size) {
		alpha := int(pixel[3*size])
		for ch := range 3 {
			if alpha == 0 {
				pixel[ch*size] = 0
			} else {
				pixel[ch*size] = uint8(min(int(pixel[ch*size])*255/alpha, 255))
			}
		}
	}
}

// invert inverts a fax image whose tag says that black is zero. Package tiff always decodes the runs that a fax calls
// white to white pixels.
func invert(m image.Image) {
	if grey, ok := m.(*image.Gray); ok {
		for i, v := range grey.Pix {
			grey.Pix[i] = 255 - v
		}
	}
}

// oriented returns m rotated and mirrored by the TIFF orientation 1…8. Other values leave it unchanged.
func (m *RGB) oriented(orientation uint32) *RGB {
	if orientation < 2 || orientation > 8 {
		return m
	}
	out := newRGB(m.Width, m.Height)
	if orientation > 4 { // rows become columns
		out = newRGB(m.Height, m.Width)
	}
	for y := range m.Height {
		for x := range m.Width {
			toX, toY := x, y
			if orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8 {
				toX = m.Width - 1 - x
			}
			if orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7 {
				toY = m.Height - 1 - y
			}
			if orientation > 4 {
				toX, toY = toY, toX
			}
			copy(out.Pix[3*(toY*out.Width+toX):], m.Pix[3*(y*m.Width+x):][:3])
		}
	}
	return out
}
