package embedding

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"anncapacity/lib/internal/atomicfile"
)

// Outputs returns the files that Write writes, given FILE.npy: FILE.npy and FILE.csv.
func Outputs(path string) []string { return []string{path, rowsPath(path)} }

// NeighborOutputs returns the files that WriteNeighbors writes, given FILE.ivecs: FILE.ivecs and FILE.fvecs.
func NeighborOutputs(path string) []string {
	return []string{path, strings.TrimSuffix(path, filepath.Ext(path)) + ".fvecs"}
}

// CheckWrite returns an error if Write could not write FILE.npy and FILE.csv. The extension must be .npy, the folder
// must exist and be writable, and an existing FILE.csv must be a table of rows. CheckWrite changes no file. A command
// calls it before a long computation; Write makes the same checks.
func CheckWrite(path string) error {
	if filepath.Ext(path) != ".npy" {
		return fmt.Errorf("%s: embeddings are written as .npy", path)
	}
	if err := checkPlaces(Outputs(path)); err != nil {
		return err
	}
	return checkRowTable(rowsPath(path))
}

// CheckWriteNeighbors returns an error if WriteNeighbors could not write FILE.ivecs and FILE.fvecs. The extension must
// be .ivecs, the folder must exist and be writable, and either neither file exists or both exist and hold IDs and
// distances of the same neighbours. CheckWriteNeighbors changes no file. A command calls it before a long computation;
// WriteNeighbors makes the same checks.
func CheckWriteNeighbors(path string) error {
	if filepath.Ext(path) != ".ivecs" {
		return fmt.Errorf("%s: neighbours are written as .ivecs, not as %q", path, filepath.Ext(path))
	}
	outputs := NeighborOutputs(path)
	if err := checkPlaces(outputs); err != nil {
		return err
	}
	return checkNeighborPair(outputs[0], outputs[1])
}

// checkPlaces rejects outputs that are folders, pipes or devices. It tests the folder by creating and removing a file.
func checkPlaces(outputs []string) error {
	for _, path := range outputs {
		if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
			return fmt.Errorf("%s: is %s, which a file cannot replace: choose another name", path, kindOf(info.Mode()))
		}
	}
	folder := filepath.Dir(outputs[0])
	if info, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: the folder %s does not exist", outputs[0], folder)
	} else if err == nil && !info.IsDir() {
		return fmt.Errorf("%s: %s is not a folder", outputs[0], folder)
	}
	if err := atomicfile.Probe(outputs[0]); err != nil {
		return fmt.Errorf("%s: cannot be written: %w", outputs[0], err)
	}
	return nil
}

// kindOf returns the kind of a file that is not regular.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

// checkRowTable accepts a FILE.csv that does not exist or begins with the header of writeRows.
func checkRowTable(path string) error {
	want := strings.Join(csvHeader, ",")
	line, err := firstBytes(path, len(want)+2)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	rest, ok := bytes.CutPrefix(line, []byte(want))
	if ok && (bytes.HasPrefix(rest, []byte("\n")) || bytes.HasPrefix(rest, []byte("\r\n"))) {
		return nil
	}
	return fmt.Errorf("%s: exists, but its first line is not %q, so it is not replaced by the table of rows: move it or choose another name", path, want)
}

// firstBytes returns at most the first n bytes of a file.
func firstBytes(path string, n int) ([]byte, error) {
	f, _, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, int64(n)))
}
