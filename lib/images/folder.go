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

// folder is a directory tree of image files.
type folder struct {
	root, name string
	paths      []string // relative to root, with /, ascending
	notes      []string
}

// OpenFolder opens the JPEG, PNG, WebP, BMP, GIF and TIFF files in dir and its subfolders as a dataset. Images are
// recognized by their extension, in any case, and sorted by the bytes of their paths with /. The class of an image is
// the name of the folder that contains it; images directly in dir have no class. Links are followed. Names that start
// with a dot and files that are not images are ignored; Notes lists images of unsupported formats. It is an error if
// there is no image, or if a link with the name of an image has no target.
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
