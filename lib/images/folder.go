package images

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// folder is a tree of image files.
type folder struct {
	root, name string
	paths      []string // relative to root, with /, ascending
	notes      []string
}

// OpenFolder lists the JPEG, PNG, WebP, BMP, GIF and TIFF files under dir by the extensions of their names (in any case), in
// ascending byte order of their paths with /; an image's class is the name of the directory that holds it, and the folder's
// own images have none. Links are followed. Names that start with a dot, and files that are no image, are passed over
// silently; Notes tells of images that are not read. A folder without an image is an error, and so is a link to no
// file under an image's name.
func OpenFolder(dir string) (Dataset, error) {
	f, err := openFolder(dir)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func openFolder(dir string) (*folder, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such folder (datasets are generated, imagenette, stl10, or a folder of images)", root)
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, fmt.Errorf("%s: a file, want a folder of images", root)
	}
	l := listing{root: root, unread: map[string]int{}, misnamed: map[string]int{}}
	if err := l.folder("", []fs.FileInfo{info}); err != nil {
		return nil, err
	}
	notes := l.notes()
	if len(l.paths) == 0 {
		return nil, errors.New(strings.Join(append([]string{dir + ": no image in this folder: want <class>/<image>" + readNames}, notes...), "; "))
	}
	slices.Sort(l.paths)
	return &folder{root, filepath.Base(root), l.paths, notes}, nil
}

func (f *folder) Name() string { return f.name }

func (f *folder) Len() int { return len(f.paths) }

func (f *folder) ID(i int) string { return f.paths[i] }

func (f *folder) Class(i int) string {
	dir := path.Dir(f.paths[i])
	if dir == "." {
		return ""
	}
	return path.Base(dir)
}

func (f *folder) Content(i int) ([]byte, error) {
	file := filepath.Join(f.root, filepath.FromSlash(f.paths[i]))
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if len(content) == 0 {
		return nil, fmt.Errorf("%s: empty file, want an image", file)
	}
	return content, nil
}

func (f *folder) Decode(content []byte) (*RGB, error) { return decode(content) }

func (f *folder) Notes() []string { return f.notes }
