// Package checkout finds the project's checkout and the files that environment/setup.sh installed in it.
package checkout

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
)

// Root returns the nearest folder that holds go.mod: the working directory or a folder above it.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := range upwards(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New("no go.mod in the working directory or above it: start inside the checkout")
}

// Installed returns the path of a file or folder in .local. The argument may be a pattern of path.Match. Installed searches
// the folder of the executable and the folders above it, which finds the installation of bin/anncapacity from any working
// directory, and then the working directory and the folders above it, which serves tests and cells of notebooks.
func Installed(path string) (string, error) {
	pattern := ".local/" + path
	starts := starts()
	for _, start := range starts {
		for dir := range upwards(start) {
			if found, err := fs.Glob(os.DirFS(dir), pattern); err == nil && len(found) > 0 {
				return filepath.Join(dir, filepath.FromSlash(found[0])), nil
			}
		}
	}
	return "", fmt.Errorf("%s was not found above %v", pattern, starts)
}

// starts returns the folder of the executable and the working directory.
func starts() (dirs []string) {
	if exe, err := os.Executable(); err == nil {
		if exe, err = filepath.EvalSymlinks(exe); err == nil {
			dirs = append(dirs, filepath.Dir(exe))
		}
	}
	if wd, err := os.Getwd(); err == nil {
		dirs = append(dirs, wd)
	}
	return dirs
}

// upwards yields a folder and every folder above it.
func upwards(dir string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for yield(dir) {
			parent := filepath.Dir(dir)
			if parent == dir {
				return
			}
			dir = parent
		}
	}
}
