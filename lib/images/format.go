package images

import (
	"bytes"
	"encoding/binary"
	"path"
	"slices"
	"strings"
)

// readFormats describes the supported formats in messages.
const readFormats = "a JPEG, PNG, WebP, BMP, GIF or TIFF file"

// format is a file format, recognized by the first bytes of a file.
type format struct {
	name   string // with an article if decode is nil
	decode func([]byte) (*RGB, error)
	image  bool
	is     func(head []byte) bool
}

// formats are the supported formats, other image formats, and formats that often occur under the name of an image.
var formats = []format{
	{"JPEG", decodeJPEG, true, starts("\xff\xd8")},
	{"PNG", decodePNG, true, starts("\x89PNG\r\n\x1a\n")},
	{"WebP", decodeWebP, true, isWebP},
	{"BMP", decodeBMP, true, isBMP},
	{"GIF", decodeGIF, true, starts("GIF87a", "GIF89a")},
	{"TIFF", decodeTIFF, true, starts("II*\x00", "MM\x00*")},
	{"a BigTIFF image", nil, true, starts("II+\x00", "MM\x00+")},
	{"a HEIC image", nil, true, brands("heic", "heix", "hevc", "heim", "heis", "mif1", "msf1")},
	{"an AVIF image", nil, true, brands("avif", "avis")},
	{"a JPEG 2000 image", nil, true, starts("\x00\x00\x00\x0cjP  \r\n\x87\n", "\xff\x4f\xff\x51")},
	{"a JPEG XL image", nil, true, starts("\x00\x00\x00\x0cJXL \r\n\x87\n", "\xff\x0a")},
	{"a JPEG XR image", nil, true, starts("II\xbc\x01")},
	{"a raw image of a camera", nil, true, starts("FUJIFILMCCD-RAW", "IIRO", "IIRS", "IIU\x00")},
	{"a raw image of a camera", nil, true, brands("crx ")},
	{"a Photoshop image", nil, true, starts("8BPS")},
	{"an OpenEXR image", nil, true, starts("\x76\x2f\x31\x01")},
	{"a QOI image", nil, true, starts("qoif")},
	{"an SVG drawing", nil, false, starts("<svg", "<?xml")},
	{"an HTML page", nil, false, starts("<!DOCTYPE html", "<!doctype html", "<html")},
	{"a PDF document", nil, false, starts("%PDF")},
	{"a Git LFS pointer instead of the image", nil, false, starts("version https://git-lfs")},
}

// headSize is the number of bytes from which the format is determined.
const headSize = 32

// formatOf returns the format of a file, or the zero format.
func formatOf(content []byte) format {
	head := content[:min(len(content), headSize)]
	if i := slices.IndexFunc(formats, func(f format) bool { return f.is(head) }); i >= 0 {
		return formats[i]
	}
	return format{}
}

func starts(magics ...string) func([]byte) bool {
	return func(head []byte) bool {
		return slices.ContainsFunc(magics, func(m string) bool { return bytes.HasPrefix(head, []byte(m)) })
	}
}

// brands recognizes files of the ISO base media format.
func brands(names ...string) func([]byte) bool {
	return func(head []byte) bool {
		return len(head) >= 12 && string(head[4:8]) == "ftyp" && slices.Contains(names, string(head[8:12]))
	}
}

func isWebP(head []byte) bool {
	return len(head) >= 12 && string(head[:4]) == "RIFF" && string(head[8:12]) == "WEBP"
}

// isBMP also checks the length of the second header, because many texts start with BM.
func isBMP(head []byte) bool {
	return len(head) >= 18 && string(head[:2]) == "BM" &&
		slices.Contains([]uint32{12, 16, 40, 52, 56, 64, 108, 124}, binary.LittleEndian.Uint32(head[14:]))
}

// readNames lists the supported extensions in messages.
const readNames = ".jpg, .jpeg, .png, .webp, .bmp, .gif, .tif or .tiff"

// Extensions of supported and of other image formats, in lower case.
var (
	readExtensions = strings.Fields(".jpg .jpeg .jpe .jfif .png .webp .bmp .dib .gif .tif .tiff")

	otherExtensions = strings.Fields(`.heic .heif .hif .avif .jp2 .j2k .jpf .jpx .jxl .jxr .wdp .svg .svgz .psd .psb .xcf .ico .icns
		.tga .ppm .pgm .pbm .pnm .pam .pfm .exr .hdr .dds .qoi .pcx .eps .apng .mpo .fits
		.raw .dng .cr2 .cr3 .crw .nef .nrw .arw .srf .sr2 .orf .rw2 .raf .pef .srw .3fr .erf .kdc .mrw .x3f .iiq .dcm`)
)

func extension(name string) string { return strings.ToLower(path.Ext(name)) }
