// Package jpeg decodes JPEG files to the same bytes as libjpeg and Pillow. The decoder of the standard library rounds
// its inverse DCT differently, by up to 3 grey levels in the result, and changed its rounding in Go 1.26. It also
// repeats subsampled chroma, which libjpeg smooths.
//
// Decoding has four steps. Segments fill tables and the frame (jpeg.go, tables.go). Sequential or progressive scans fill
// the coefficients of all blocks (bits.go, scan.go, block.go). The inverse DCT computes planes (idct.go). Planes are
// enlarged to full size (upsample.go) and converted to RGB (color.go). Section numbers are those of ITU-T T.81.
package jpeg

import (
	"errors"
	"fmt"
	"slices"
)

// Picture is an image in rows of pixels. A pixel has three bytes: red, green and blue.
type Picture struct {
	Width, Height int
	Pix           []uint8 // Height × Width × 3
}

// MaxPixels limits the memory that a damaged header can request. Pillow warns about larger images (MAX_IMAGE_PIXELS).
const MaxPixels = 89_478_485

// errTruncated means that the file ends before its image does.
var errTruncated = errors.New("truncated JPEG file")

// Markers (Table B.1).
const (
	markerSOF0 = 0xc0
	markerSOF1 = 0xc1
	markerSOF2 = 0xc2
	markerDHT  = 0xc4
	markerJPG  = 0xc8
	markerDAC  = 0xcc
	markerRST0 = 0xd0
	markerRST7 = 0xd7
	markerSOI  = 0xd8
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerDQT  = 0xdb
	markerDRI  = 0xdd
	markerAPP0 = 0xe0
	markerAPPE = 0xee
	markerTEM  = 0x01
)

// decoder holds what has been read so far.
type decoder struct {
	data []byte
	next int // offset of the first unread byte

	quants          [4]*[64]int32 // in natural order
	dcTables        [4]*huffman
	acTables        [4]*huffman
	restartInterval int // MCUs, 0 for none

	hasJFIF, hasAdobe bool
	adobeTransform    uint8

	frame *frame
}

// frame is the image in the file: its components and their coefficients.
type frame struct {
	width, height int
	progressive   bool
	hMax, vMax    int
	mcusX, mcusY  int
	components    []*component
}

// component is a colour channel.
type component struct {
	id            uint8
	h, v          int // sampling factors
	quantIndex    uint8
	quant         *[64]int32 // the table that is current at the first scan of the component
	width, height int        // in samples
	blocksX       int        // number of blocks in a row, padded to whole MCUs
	blocks        [][64]int16
}

// Decode decodes baseline, extended sequential and progressive files with Huffman coding and 8-bit samples: grey, YCbCr,
// RGB, CMYK and YCCK. CMYK is assumed to be inverted, as Adobe writes it, and converted to RGB as Pillow does. A
// truncated or inconsistent file is an error. EXIF orientation is not applied.
func Decode(content []byte) (*Picture, error) {
	d := &decoder{data: content}
	if len(content) < 2 || content[0] != 0xff || content[1] != markerSOI {
		return nil, errors.New("not a JPEG file")
	}
	d.next = 2
	for {
		marker, err := d.marker()
		if err != nil {
			return nil, err
		}
		if marker == markerEOI {
			break
		}
		if err := d.segment(marker); err != nil {
			return nil, err
		}
	}
	if d.frame == nil {
		return nil, errors.New("JPEG file without an image")
	}
	for _, c := range d.frame.components {
		if c.quant == nil {
			return nil, fmt.Errorf("JPEG file without a scan of component %d", c.id)
		}
	}
	return d.picture()
}

// marker skips any bytes before the next marker, as libjpeg does, and returns the marker.
func (d *decoder) marker() (uint8, error) {
	for ; d.next+1 < len(d.data); d.next++ {
		m := d.data[d.next+1]
		if d.data[d.next] == 0xff && m != 0 && m != 0xff {
			d.next += 2
			return m, nil
		}
	}
	return 0, errTruncated
}

func (d *decoder) segment(marker uint8) error {
	if marker >= markerRST0 && marker <= markerRST7 || marker == markerTEM {
		return nil
	}
	if marker == markerSOI {
		return errors.New("JPEG file with a second start of image")
	}
	payload, err := d.payload()
	if err != nil {
		return err
	}
	switch {
	case marker == markerDQT:
		return d.readQuants(payload)
	case marker == markerDHT:
		return d.readHuffmans(payload)
	case marker == markerSOF0 || marker == markerSOF1 || marker == markerSOF2:
		return d.readFrame(payload, marker)
	case marker == markerDAC || marker > markerSOF2 && marker <= 0xcf && marker != markerJPG:
		return fmt.Errorf("JPEG coding process 0x%x is not supported: want baseline, extended or progressive Huffman", marker)
	case marker == markerSOS:
		return d.readScan(payload)
	case marker == markerDRI:
		return d.readRestartInterval(payload)
	case marker == markerAPP0:
		d.hasJFIF = d.hasJFIF || len(payload) >= 5 && string(payload[:5]) == "JFIF\x00"
	case marker == markerAPPE && len(payload) >= 12 && string(payload[:5]) == "Adobe":
		d.hasAdobe, d.adobeTransform = true, payload[11]
	}
	return nil
}

// payload returns the segment that follows, without its length.
func (d *decoder) payload() ([]byte, error) {
	if d.next+2 > len(d.data) {
		return nil, errTruncated
	}
	length := int(d.data[d.next])<<8 | int(d.data[d.next+1])
	if length < 2 {
		return nil, fmt.Errorf("JPEG segment of length %d at byte %d, want at least 2", length, d.next)
	}
	if d.next+length > len(d.data) {
		return nil, errTruncated
	}
	payload := d.data[d.next+2 : d.next+length]
	d.next += length
	return payload, nil
}

func (d *decoder) readRestartInterval(payload []byte) error {
	if len(payload) != 2 {
		return fmt.Errorf("JPEG restart interval of %d bytes, want 2", len(payload))
	}
	d.restartInterval = int(payload[0])<<8 | int(payload[1])
	return nil
}

// readFrame reads a frame header (B.2.2).
func (d *decoder) readFrame(payload []byte, marker uint8) error {
	if d.frame != nil {
		return errors.New("JPEG file with a second frame")
	}
	if len(payload) < 6 || len(payload) != 6+3*int(payload[5]) {
		return fmt.Errorf("JPEG frame header of %d bytes does not fit its number of components", len(payload))
	}
	if payload[0] != 8 {
		return fmt.Errorf("JPEG samples of %d bits, want 8", payload[0])
	}
	f := &frame{
		progressive: marker == markerSOF2,
		height:      int(payload[1])<<8 | int(payload[2]),
		width:       int(payload[3])<<8 | int(payload[4]),
	}
	if f.width == 0 || f.height == 0 || f.width*f.height > MaxPixels {
		return fmt.Errorf("JPEG image of %d × %d pixels, want 1…%d in all", f.width, f.height, MaxPixels)
	}
	if err := f.addComponents(payload[6:]); err != nil {
		return err
	}
	f.layOut()
	if f.blocks() > 8*len(d.data) { // each takes at least one bit
		return errTruncated
	}
	f.allocate()
	d.frame = f
	return nil
}

func (f *frame) addComponents(fields []byte) error {
	if n := len(fields) / 3; n != 1 && n != 3 && n != 4 {
		return fmt.Errorf("JPEG image of %d components, want 1, 3 or 4", n)
	}
	for field := range slices.Chunk(fields, 3) {
		c := &component{id: field[0], h: int(field[1] >> 4), v: int(field[1] & 15), quantIndex: field[2]}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.quantIndex > 3 {
			return fmt.Errorf("JPEG component %d: sampling %d×%d, table %d, want 1…4, 1…4 and 0…3", c.id, c.h, c.v, c.quantIndex)
		}
		if slices.ContainsFunc(f.components, func(o *component) bool { return o.id == c.id }) {
			return fmt.Errorf("JPEG component %d appears twice", c.id)
		}
		f.components = append(f.components, c)
		f.hMax, f.vMax = max(f.hMax, c.h), max(f.vMax, c.v)
	}
	for _, c := range f.components {
		if f.hMax%c.h != 0 || f.vMax%c.v != 0 {
			return fmt.Errorf("JPEG component %d: sampling %d×%d does not divide %d×%d", c.id, c.h, c.v, f.hMax, f.vMax)
		}
	}
	return nil
}

// layOut computes the size and the number of blocks of each component (A.1.1, A.2.4).
func (f *frame) layOut() {
	f.mcusX, f.mcusY = ceilDiv(f.width, 8*f.hMax), ceilDiv(f.height, 8*f.vMax)
	for _, c := range f.components {
		c.width, c.height = ceilDiv(f.width*c.h, f.hMax), ceilDiv(f.height*c.v, f.vMax)
		c.blocksX = f.mcusX * c.h
	}
}

// blocks returns the minimum number of blocks in a file of the frame, without padding.
func (f *frame) blocks() int {
	n := 0
	for _, c := range f.components {
		n += ceilDiv(c.width, 8) * ceilDiv(c.height, 8)
	}
	return n
}

func (f *frame) allocate() {
	for _, c := range f.components {
		c.blocks = make([][64]int16, c.blocksX*f.mcusY*c.v)
	}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }
