// Package checkout finds the project's checkout, and what environment/setup.sh installed in it.
package checkout

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
)

// Root returns the nearest folder, from the working directory upwards, that holds go.mod.
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
	return "", errors.New("no go.mod here or above: start inside the checkout")
}

// Installed returns the path of a file or folder of .local. The path asked for may be a pattern as path.Match reads it. It is
// searched for from the folder of the executable upwards, which serves bin/anncapacity from anywhere, then from the working
// directory upwards, which serves tests and cells of notebooks.
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
