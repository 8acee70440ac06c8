package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/images"
)

func TestWritable(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.npy"), 0o700); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "new", "e.npy"): "",
		filepath.Join(dir, "e.csv"):        "must end in .npy",
		filepath.Join(dir, "folder.npy"):   "is a folder",
		filepath.Join(file, "e.npy"):       "not a directory",
	} {
		err := writable(path)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
	if left, err := os.ReadDir(filepath.Join(dir, "new")); err != nil || len(left) > 0 {
		t.Errorf("the check left %v (%v)", left, err)
	}
}

func TestFirst(t *testing.T) {
	d := images.Generated(5, 1)
	for limit, want := range map[int]int{0: 5, 2: 2, 5: 5} {
		some, err := first(d, limit)
		if err != nil || some.Len() != want {
			t.Errorf("limit %d: %v, want %d images", limit, err, want)
		}
	}
	for _, limit := range []int{-1, 6} {
		if _, err := first(d, limit); err == nil {
			t.Errorf("limit %d of 5 images", limit)
		}
	}
}
