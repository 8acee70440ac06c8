package sift

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// CheckOwn returns an error if the folder holds one of the files of Outputs that Write did not write: if sift.json is missing or
// is no record. It changes no file.
func CheckOwn(folder string) error {
	paths := Outputs(folder)
	own := readRecord(paths[len(names)])
	for _, path := range paths {
		if _, err := os.Lstat(path); err == nil && own != nil {
			return fmt.Errorf("-out: %s exists, but not by this program, and is not replaced: move it or choose another -out (%w)",
				path, own)
		}
	}
	return nil
}

// readRecord returns an error if there is no record at path.
func readRecord(path string) error {
	var r Record
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no %s", path)
	}
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	if err == nil && (r.Version != 1 || r.OpenCV == "" || len(r.Sets) != len(names)) {
		err = errors.New("it is no record of descriptors")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
