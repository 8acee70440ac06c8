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
}

// OpenFolder lists the files *.jpg, *.jpeg and *.png (in any case) under dir, in ascending byte order of their paths with
// /; an image's class is the name of the directory that holds it, and the folder's own images have none. Names that start with a dot are
// passed over, links to directories are not followed. A folder without an image is an error.
func OpenFolder(dir string) (Dataset, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	f := &folder{root: root, name: filepath.Base(root)}
	if err := f.list(); err != nil {
		return nil, err
	}
	if len(f.paths) == 0 {
		return nil, fmt.Errorf("%s: no image in this folder: want <class>/<image>.jpg, .jpeg or .png", dir)
	}
	slices.Sort(f.paths)
	return f, nil
}

func (f *folder) list() error {
	info, err := os.Stat(f.root)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: no such folder (datasets are generated, stl10, or a folder of images)", f.root)
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s: a file, want a folder of images", f.root)
	}
	return fs.WalkDir(os.DirFS(f.root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("%s: %w", f.root, err)
		}
		hidden := name != "." && strings.HasPrefix(entry.Name(), ".")
		switch {
		case hidden && entry.IsDir():
			return fs.SkipDir
		case !hidden && !entry.IsDir() && isImageName(name):
			f.paths = append(f.paths, name)
		}
		return nil
	})
}

func isImageName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png":
		return true
	}
	return false
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
