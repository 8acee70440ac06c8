// Package images provides photographs: Imagenette, STL-10's binary files, a folder of photographs, or photograph-like
// images that the program computes. Each source is a Dataset of encoded images. An image is decoded to the RGB values
// that Pillow's Image.open(file).convert("RGB") returns.
package images

import (
	"context"
	"fmt"
	"image"
	"os"
	"strconv"
	"strings"

	"anncapacity/lib/internal/fetch"
)

// Dataset is a fixed sequence of images. Its methods are safe for concurrent use.
type Dataset interface {
	// Name returns "imagenette", "stl10", the base name of the folder, or "generated".
	Name() string
	// Len returns the number of images.
	Len() int
	// ID returns a stable identifier, unique in the dataset: the path relative to the folder with /, or
	// "unlabeled/000017".
	ID(i int) string
	// Class returns the class of image i, "" if it has none.
	Class(i int) string
	// Content returns the bytes of image i: an encoded file or raw pixels. A cache identifies the image by their hash.
	Content(i int) ([]byte, error)
	// Decode returns the pixels of the content of an image of this dataset. Its error does not name the image; the error
	// of Load does.
	Decode(content []byte) (*RGB, error)
}

// RGB is an image of 8-bit pixels in rows. A pixel has three bytes: red, green and blue.
type RGB struct {
	Width, Height int
	Pix           []uint8 // Height × Width × 3
}

// Image returns a copy of m as an image.Image.
func (m *RGB) Image() image.Image {
	out := image.NewRGBA(image.Rect(0, 0, m.Width, m.Height))
	for p := 0; p < m.Width*m.Height; p++ {
		copy(out.Pix[4*p:], m.Pix[3*p:3*p+3])
		out.Pix[4*p+3] = 255
	}
	return out
}

func newRGB(width, height int) *RGB {
	return &RGB{Width: width, Height: height, Pix: make([]uint8, 3*width*height)}
}

// Load returns image i of d, decoded. Errors name the image.
func Load(d Dataset, i int) (*RGB, error) {
	content, err := d.Content(i)
	if err != nil {
		return nil, err
	}
	m, err := d.Decode(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", d.Name(), d.ID(i), err)
	}
	return m, nil
}

// GeneratedCount and GeneratedSeed are the arguments of Generated for the dataset "generated" of Open.
const (
	GeneratedCount = 2000
	GeneratedSeed  = 42
)

// Open returns the dataset that spec names: "generated" (GeneratedCount images, or N with "generated:N"), "imagenette"
// (the downloaded photographs, train and val), "stl10" (the unlabelled split of the downloaded archive; "stl10:train"
// and "stl10:test" for the other splits), or the path of a folder. A folder with one of these names must be given as
// ./NAME. Open downloads nothing: the error for a missing archive names the command that downloads it.
func Open(ctx context.Context, spec string) (Dataset, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	name, detail, _ := strings.Cut(spec, ":")
	switch name {
	case "generated":
		return openGenerated(spec, detail)
	case "imagenette":
		return openDownloadedImagenette(detail)
	case "stl10":
		return openDownloadedSTL10(Split(detail))
	case "":
		return nil, fmt.Errorf("no dataset named: want generated, imagenette, stl10 or a folder")
	}
	return OpenFolder(spec)
}

func openGenerated(spec, count string) (Dataset, error) {
	if spec == "generated" {
		return Generated(GeneratedCount, GeneratedSeed), nil
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 1 {
		return nil, fmt.Errorf("dataset %q: want generated:N with N at least 1", spec)
	}
	return Generated(n, GeneratedSeed), nil
}

func openDownloadedSTL10(split Split) (Dataset, error) {
	if split == "" {
		split = Unlabeled
	}
	dir, _, err := downloaded("stl10")
	if err != nil {
		return nil, err
	}
	return OpenSTL10(dir, split)
}

// downloaded returns the folder of a downloaded archive and its entry in the manifest of downloads. If the archive has
// not been downloaded, the error names the command.
func downloaded(name string) (dir string, entry fetch.Entry, err error) {
	home, err := fetch.Home()
	if err != nil {
		return "", entry, err
	}
	if entry, err = fetch.Named(name); err != nil {
		return "", entry, err
	}
	dir = entry.Path(home)
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		return "", entry, fmt.Errorf("%s is not at %s: run `anncapacity download %[1]s` (%.1[3]f GB) first", name, dir, float64(entry.Bytes)/1e9)
	}
	return dir, entry, nil
}
