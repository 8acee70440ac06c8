package images

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Split is a part of STL-10.
type Split string

// The splits of STL-10: 5,000 and 8,000 labelled images and 100,000 unlabelled images.
const (
	Train     Split = "train"
	Test      Split = "test"
	Unlabeled Split = "unlabeled"
)

const (
	stl10Side  = 96 // pixels
	stl10Bytes = 3 * stl10Side * stl10Side
)

// stl10 reads images one at a time from the file of its split.
type stl10 struct {
	split   Split
	path    string
	pixels  *os.File
	count   int
	labels  []uint8 // 1…len(classes), or empty if the split is unlabelled
	classes []string
}

// OpenSTL10 opens a split of STL-10 in the format of the official binary archive. dir must contain <split>_X.bin and,
// for train and test, <split>_y.bin and class_names.txt. The content of an image is its 27,648 bytes as stored: channel
// ch, column c, row r at byte ch·9216 + c·96 + r. The file remains open while the dataset is in use. An error names the
// file and what was expected of it.
func OpenSTL10(dir string, split Split) (Dataset, error) {
	if split != Train && split != Test && split != Unlabeled {
		return nil, fmt.Errorf("STL-10: no split %q: want %s, %s or %s", split, Train, Test, Unlabeled)
	}
	d := &stl10{split: split, path: filepath.Join(dir, string(split)+"_X.bin")}
	if err := d.openPixels(); err != nil {
		return nil, err
	}
	if split == Unlabeled {
		return d, nil
	}
	if err := d.readLabels(filepath.Join(dir, string(split)+"_y.bin"), filepath.Join(dir, "class_names.txt")); err != nil {
		d.pixels.Close()
		return nil, err
	}
	return d, nil
}

func (d *stl10) openPixels() error {
	file, err := os.Open(d.path)
	if err != nil {
		return fmt.Errorf("STL-10: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("STL-10: %w", err)
	}
	size := info.Size()
	if size == 0 || size%stl10Bytes != 0 {
		file.Close()
		return fmt.Errorf("%s: %d bytes, want a positive multiple of %d (96×96×3)", d.path, size, stl10Bytes)
	}
	d.pixels, d.count = file, int(size/stl10Bytes)
	return nil
}

func (d *stl10) readLabels(labelsPath, classesPath string) error {
	labels, err := os.ReadFile(labelsPath)
	if err != nil {
		return fmt.Errorf("STL-10: %w", err)
	}
	classes, err := os.ReadFile(classesPath)
	if err != nil {
		return fmt.Errorf("STL-10: %w", err)
	}
	d.labels, d.classes = labels, strings.Fields(string(classes))
	if len(d.classes) != 10 {
		return fmt.Errorf("%s: %d names, want 10", classesPath, len(d.classes))
	}
	if len(labels) != d.count {
		return fmt.Errorf("%s: %d labels, want %d, one for each image of %s", labelsPath, len(labels), d.count, d.path)
	}
	if bad := slices.IndexFunc(labels, func(label uint8) bool { return label < 1 || label > 10 }); bad >= 0 {
		return fmt.Errorf("%s: label %d at byte %d, want 1…10", labelsPath, labels[bad], bad)
	}
	return nil
}

func (d *stl10) Name() string { return "stl10" }

func (d *stl10) Len() int { return d.count }

func (d *stl10) ID(i int) string { return fmt.Sprintf("%s/%06d", d.split, i) }

func (d *stl10) Class(i int) string {
	if len(d.labels) == 0 {
		return ""
	}
	return d.classes[d.labels[i]-1]
}

func (d *stl10) Content(i int) ([]byte, error) {
	if i < 0 || i >= d.count {
		return nil, fmt.Errorf("%s: no image %d, want 0…%d", d.path, i, d.count-1)
	}
	content := make([]byte, stl10Bytes)
	if n, err := d.pixels.ReadAt(content, int64(i)*stl10Bytes); n < stl10Bytes {
		return nil, fmt.Errorf("%s: image %d: %d of %d bytes: %w", d.path, i, n, stl10Bytes, err)
	}
	return content, nil
}

// Decode converts column-major planes to rows of pixels.
func (d *stl10) Decode(content []byte) (*RGB, error) {
	if len(content) != stl10Bytes {
		return nil, fmt.Errorf("%d bytes, want %d (96×96×3)", len(content), stl10Bytes)
	}
	m := newRGB(stl10Side, stl10Side)
	for r := range stl10Side {
		for c := range stl10Side {
			for ch := range 3 {
				m.Pix[3*(r*stl10Side+c)+ch] = content[ch*stl10Side*stl10Side+c*stl10Side+r]
			}
		}
	}
	return m, nil
}
