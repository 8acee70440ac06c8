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

// Outputs returns the files that Write makes of FILE.npy: FILE.npy and FILE.csv.
func Outputs(path string) []string { return []string{path, rowsPath(path)} }

// NeighborOutputs returns the files that WriteNeighbors makes of FILE.ivecs: FILE.ivecs and FILE.fvecs.
func NeighborOutputs(path string) []string {
	return []string{path, strings.TrimSuffix(path, filepath.Ext(path)) + ".fvecs"}
}

// CheckWrite reports whether Write could write FILE.npy and FILE.csv: the extension must be .npy, the folder must exist
// and take new files, and a FILE.csv that is there must be a row table, which Write replaces. Nothing is changed. A
// command calls it before a long computation; Write makes the same checks.
func CheckWrite(path string) error {
	if filepath.Ext(path) != ".npy" {
		return fmt.Errorf("%s: embeddings are written as .npy", path)
	}
	if err := checkPlaces(Outputs(path)); err != nil {
		return err
	}
	return checkRowTable(rowsPath(path))
}

// CheckWriteNeighbors reports whether WriteNeighbors could write FILE.ivecs and FILE.fvecs: the extension must be .ivecs,
// the folder must exist and take new files, and either neither file is there or both are, and hold IDs and distances of
// the same neighbours. Nothing is changed. A command calls it before a long computation; WriteNeighbors makes the same checks.
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

// checkPlaces makes a file in the folder and removes it, and refuses outputs that are folders, pipes or devices.
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

// kindOf names what is not a regular file.
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

// checkRowTable accepts a FILE.csv that is missing or begins as writeRows begins it.
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
	return fmt.Errorf("%s: is there and its first line is not %q, so it is not replaced by the table of rows: move it or choose another name", path, want)
}

// firstBytes returns at most n bytes from the beginning of a file.
func firstBytes(path string, n int) ([]byte, error) {
	f, _, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, int64(n)))
}
