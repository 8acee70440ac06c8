package figure

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"anncapacity/lib/internal/plate"
)

// The other files of an export, and a text at the beginning of each that identifies files written by this program.
const (
	readmeFile = "README.md"
	latexFile  = "figures.tex"
	readmeMark = "This file is written by the command that draws the figures:"
	latexMark  = `% For a document of two columns with \usepackage{graphicx} and, for names beyond ASCII,`
)

// extensions lists the extensions of the files of a figure.
var extensions = []string{".svg", ".pdf", ".png", ".csv"}

// Names returns the names of all figures of an export.
func Names() []string {
	names := []string{norms.Name}
	for _, e := range Catalogue {
		names = append(names, e.Name)
	}
	return names
}

// Outputs returns the paths of all files that an export, including the figure Norms, can write to dir.
func Outputs(dir string) []string {
	all := []string{filepath.Join(dir, readmeFile), filepath.Join(dir, latexFile)}
	for _, name := range Names() {
		all = append(all, drawnFiles(dir, name)...)
	}
	return all
}

// drawnFiles returns the paths of the files of a figure in dir.
func drawnFiles(dir, name string) (all []string) {
	for _, extension := range extensions {
		all = append(all, filepath.Join(dir, name+extension))
	}
	return all
}

// CheckOutputs returns an error if an export to dir would replace a file that no export wrote. README.md and figures.tex are
// identified by a text at their beginning, a figure by that README.md or by its own SVG. Empty files may be replaced.
func CheckOutputs(dir string) error {
	readme, latex := filepath.Join(dir, readmeFile), filepath.Join(dir, latexFile)
	own, err := begins(readme, readmeMark)
	if err == nil && !own {
		err = foreign(readme)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if ok, err := begins(latex, latexMark); err == nil && !ok {
		return foreign(latex)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if own {
		return nil
	}
	for _, name := range Names() {
		if err := checkDrawing(dir, name); err != nil {
			return err
		}
	}
	return nil
}

// checkDrawing returns an error if a file of a figure exists without the SVG that is written with it.
func checkDrawing(dir, name string) error {
	files := drawnFiles(dir, name)
	if own, err := begins(files[0], plate.SVGMark); err == nil && own {
		return nil
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Size() > 0 {
			return foreign(file)
		}
	}
	return nil
}

func foreign(path string) error {
	return fmt.Errorf("%s: was not written by this program and is not replaced: move it or choose another folder", path)
}

// headBytes is the number of bytes in which a mark is searched; the command before it may have long paths.
const headBytes = 1 << 14

// begins reports whether the beginning of a file contains mark, or the file is empty.
func begins(path, mark string) (bool, error) {
	info, err := os.Stat(path)
	if err != nil {
		return false, err
	}
	if !info.Mode().IsRegular() {
		return false, fmt.Errorf("%s: is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, headBytes))
	return len(head) == 0 || bytes.Contains(head, []byte(mark)), err
}
