package sift

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/images"
)

// made returns sets without calling OpenCV.
func made(t *testing.T) *Sets {
	t.Helper()
	s := &Sets{OpenCV: "5", NumPy: "2", Settings: Settings{Enlarge: 1.5}}
	for i, set := range s.all() {
		v, err := ann.NewBytes(i+2, 2, []uint8{1, 2, 3, 4, 5, 6, 7, 8}[:2*(i+2)])
		if err != nil {
			t.Fatal(err)
		}
		*set = Set{Vectors: v, Photographs: 10 + i, Found: 20 + i, InBase: i, InLearn: 2 * i}
	}
	return s
}

func TestWriteAndRecord(t *testing.T) {
	dir, s := t.TempDir(), made(t)
	o := Options{Dataset: images.Generated(7, 1), Seed: 9, Warps: 3}
	for range 2 { // the second call replaces the files
		if err := CheckOwn(dir); err != nil {
			t.Fatal(err)
		}
		if err := s.Write(dir, o); err != nil {
			t.Fatal(err)
		}
	}
	var r Record
	text, err := os.ReadFile(filepath.Join(dir, "sift.json"))
	if err != nil || json.Unmarshal(text, &r) != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if r.Version != 1 || r.Dataset != "generated" || r.Images != 7 || r.Seed != 9 || r.Warps != 3 || r.OpenCV != "5" ||
		r.Settings != s.Settings {
		t.Errorf("%+v", r)
	}
	for i, set := range s.all() {
		path := Outputs(dir)[i]
		got, err := embedding.OpenCoordinates(path, io.Discard)
		if err != nil || !slices.Equal(got.Bytes, set.Vectors.Bytes) {
			t.Errorf("%s: %v, %v", path, got, err)
		}
		content, err := os.ReadFile(path)
		sum := sha256.Sum256(content)
		want := RecordSet{i + 2, 10 + i, 20 + i, i, 2 * i, hex.EncodeToString(sum[:])}
		if err != nil || r.Sets[names[i]] != want {
			t.Errorf("%+v, want %+v (%v)", r.Sets[names[i]], want, err)
		}
	}
}

// Files that Write did not write are kept.
func TestCheckOwn(t *testing.T) {
	for says, files := range map[string]map[string]string{
		"base.bvecs exists, but not by this program":  {"base.bvecs": "mine"},
		"learn.bvecs exists, but not by this program": {"learn.bvecs": "mine", "sift.json": `{"version": 2}`},
		"sift.json exists, but not by this program":   {"sift.json": `{"name": "sift"}`},
	} {
		dir := t.TempDir()
		for name, content := range files {
			write(t, dir, name, []byte(content))
		}
		if err := CheckOwn(dir); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	if err := CheckOwn(t.TempDir()); err != nil {
		t.Error(err)
	}
}

// If a file cannot be written, none is.
func TestWriteWritesAllOrNone(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "query.bvecs"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := made(t).Write(dir, Options{Dataset: images.Generated(7, 1)})
	if err == nil || !strings.Contains(err.Error(), "query.bvecs") {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%v, %v are left, want the folder alone", left, err)
	}
}
