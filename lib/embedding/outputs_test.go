package embedding

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"anncapacity/lib/ann"
)

// contentsOf returns the files of a folder with their contents; for folders and pipes only the names.
func contentsOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		all[e.Name()] = ""
		if e.Type().IsRegular() {
			data, err := os.ReadFile(filepath.Join(dir, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			all[e.Name()] = string(data)
		}
	}
	return all
}

func put(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOutputsAreTheFilesWritten(t *testing.T) {
	dir := t.TempDir()
	v := ann.Vectors{N: 1, D: 2, Data: []float32{1, 2}}
	embeddings, truth := filepath.Join(dir, "a.b.npy"), filepath.Join(dir, "truth.x.ivecs")
	if err := Write(embeddings, v, make([]Row, 1)); err != nil {
		t.Fatal(err)
	}
	if err := WriteNeighbors(truth, []ann.Neighbors{{{ID: 1, Distance: 2}}}); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, path := range append(Outputs(embeddings), NeighborOutputs(truth)...) {
		want = append(want, filepath.Base(path))
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(contentsOf(t, dir))); !slices.Equal(got, want) {
		t.Errorf("written %q, said %q", got, want)
	}
}

// Files that the project did not write or cannot replace are rejected before and during writing, and remain unchanged.
func TestWriteRefusesForeignFiles(t *testing.T) {
	v := ann.Vectors{N: 1, D: 2, Data: []float32{1, 2}}
	for says, files := range map[string]map[string]string{
		"e.csv: exists, but its first line": {"e.csv": "name,age\na,3\n"}, "its first line is not": {"e.csv": ""}, "first line is not": {"e.csv": "row,image,classes\n"},
		"is not": {"e.csv": "row,image,class", "e.npy": "x"},
	} {
		dir := t.TempDir()
		put(t, dir, files)
		for _, err := range []error{CheckWrite(filepath.Join(dir, "e.npy")), Write(filepath.Join(dir, "e.npy"), v, make([]Row, 1))} {
			if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "choose another name") {
				t.Errorf("%v: %v; want %q", files, err, says)
			}
		}
		if got := contentsOf(t, dir); !maps.Equal(got, files) {
			t.Errorf("%v is now %v", files, got)
		}
	}
}

func TestWriteReplacesItsOwn(t *testing.T) {
	for _, files := range []map[string]string{{"e.csv": "row,image,class\n0,a,b\n", "e.npy": "x"}, {"e.csv": "row,image,class\r\n"}, {"e.npy": "mine"}, {}} {
		dir := t.TempDir()
		put(t, dir, files)
		path := filepath.Join(dir, "e.npy")
		if err := CheckWrite(path); err != nil {
			t.Error(err)
		}
		if got := contentsOf(t, dir); !maps.Equal(got, files) {
			t.Errorf("the check makes %v of %v", got, files)
		}
		if err := Write(path, ann.Vectors{N: 1, D: 1, Data: []float32{3}}, []Row{{"new", ""}}); err != nil {
			t.Error(err)
		}
		if got := contentsOf(t, dir); len(got) != 2 || got["e.csv"] != "row,image,class\n0,new,\n" || len(got["e.npy"]) != 132 {
			t.Errorf("%v is now %v", files, got)
		}
	}
}

const (
	list1 = "\x01\x00\x00\x00\x05\x00\x00\x00"
	list2 = "\x02\x00\x00\x00\x05\x00\x00\x00\x06\x00\x00\x00" // as distances 7e-45, 8e-45
)

func TestWriteNeighborsRefusesWhatIsNotItsOwn(t *testing.T) {
	lists := []ann.Neighbors{{{ID: 1, Distance: 2}}}
	for says, files := range map[string]map[string]string{
		"t.fvecs: exists without":                  {"t.fvecs": list2},
		"t.ivecs: exists without":                  {"t.ivecs": list2},
		"their sizes differ":                       {"t.ivecs": list1, "t.fvecs": list2},
		"list 0: 1 IDs, 2 distances":               {"t.ivecs": list1 + list2, "t.fvecs": list2 + list1},
		"list 1: the distances do not ascend":      {"t.ivecs": list1 + list2, "t.fvecs": list1 + "\x02\x00\x00\x00\x06\x00\x00\x00\x05\x00\x00\x00"},
		"list 0: the distances do not":             {"t.ivecs": list1, "t.fvecs": "\x01\x00\x00\x00\xff\xff\xff\xff"}, // NaN
		"list 1: the IDs repeat":                   {"t.ivecs": list1 + "\x02\x00\x00\x00\x05\x00\x00\x00\x05\x00\x00\x00", "t.fvecs": list1 + list2},
		"list 0: the IDs repeat or are negative":   {"t.ivecs": "\x01\x00\x00\x00\xff\xff\xff\xff", "t.fvecs": list1},
		"list 0: is cut short":                     {"t.ivecs": list2[:8], "t.fvecs": list2[:8]},
		"list 1: unexpected EOF":                   {"t.ivecs": list1 + "\x00", "t.fvecs": list1 + "\x00"},
		"do not hold the IDs and distances of the": {"t.ivecs": "\xff\xff\xff\xff", "t.fvecs": "\xff\xff\xff\xff"},
	} {
		dir := t.TempDir()
		put(t, dir, files)
		path := filepath.Join(dir, "t.ivecs")
		for _, err := range []error{CheckWriteNeighbors(path), WriteNeighbors(path, lists)} {
			if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "choose another name") {
				t.Errorf("%q: %v; want %q", files, err, says)
			}
		}
		if got := contentsOf(t, dir); !maps.Equal(got, files) {
			t.Errorf("%q is now %q", files, got)
		}
	}
}

func TestWriteNeighborsReplacesItsOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.ivecs")
	equal := ann.Neighbors{{ID: 7, Distance: -1}, {ID: 3, Distance: .5}, {ID: 4, Distance: .5}}
	for _, lists := range [][]ann.Neighbors{{}, {equal, {}, {{ID: 0, Distance: 1}}}, {{}}, {equal}} {
		if err := CheckWriteNeighbors(path); err != nil {
			t.Error(err)
		}
		if err := WriteNeighbors(path, lists); err != nil {
			t.Error(err)
		}
	}
}

// The error names whichever of the two outputs cannot be replaced.
func TestOutputsInTheWay(t *testing.T) {
	for _, kind := range []string{"a folder", "a named pipe"} {
		for _, name := range []string{"x.npy", "x.csv", "x.ivecs", "x.fvecs"} {
			dir := t.TempDir()
			at := filepath.Join(dir, name)
			make := func(path string) error { return os.Mkdir(path, 0o755) }
			if kind == "a named pipe" {
				make = func(path string) error { return syscall.Mkfifo(path, 0o644) }
			}
			if err := make(at); err != nil {
				t.Fatal(err)
			}
			err := CheckWrite(filepath.Join(dir, "x.npy"))
			if name == "x.ivecs" || name == "x.fvecs" {
				err = CheckWriteNeighbors(filepath.Join(dir, "x.ivecs"))
			}
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%s: is %s", at, kind)) {
				t.Errorf("%s %s: %v", kind, name, err)
			}
		}
	}
}

func TestOutputsNowhere(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, map[string]string{"file": ""})
	for path, says := range map[string]string{
		"none/x": "the folder", "file/x": "is not a folder", "x.npz": "are written as",
	} {
		full := filepath.Join(dir, path)
		if filepath.Ext(path) != "" {
			if err := CheckWrite(full); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", path, err)
			}
			continue
		}
		for _, err := range []error{CheckWrite(full + ".npy"), CheckWriteNeighbors(full + ".ivecs")} {
			if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), full) {
				t.Errorf("%s: %v; want %q", path, err, says)
			}
		}
	}
}
