package embedding

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// The files of the grids that NumPy, h5py and pyarrow write: OpenCoordinates gives the numbers and the errors of Open, as uint8
// if and only if the file's type is uint8. The grids' tests compare Open with the programs that wrote the files.
func TestOpenCoordinatesAsOpen(t *testing.T) {
	for name, q := range map[string]testkit.Question{
		".npy":     {Name: "npy_grid", Script: "npy_grid.py", Largest: 6_000},
		".hdf5":    {Name: "hdf5_grid", Script: "hdf5_grid.py", Largest: 10_000},
		".parquet": {Name: "parquet_grid", Script: "parquet_grid.py", Largest: 2_000},
		".bvecs":   {Name: "formats", Script: "formats.py", Largest: 10_000},
	} {
		t.Run(name, func(t *testing.T) {
			q.Folder, q.Args = t.TempDir(), []string{"."}
			testkit.Peers{}.Ask(t, q)
			files, err := filepath.Glob(filepath.Join(q.Folder, "*"+name))
			if err != nil {
				t.Fatal(err)
			}
			kept := 0
			for _, file := range files {
				if openBothWays(t, file) {
					kept++
				}
			}
			if kept == 0 || len(files) > 1 && kept == len(files) {
				t.Errorf("%d of %d files are of type uint8", kept, len(files))
			}
		})
	}
}

// openBothWays compares OpenCoordinates with Open and reports whether the numbers stayed uint8.
func openBothWays(t *testing.T, file string) bool {
	t.Helper()
	var notes bytes.Buffer
	v, err1 := OpenReporting(file, &notes)
	c, err2 := OpenCoordinates(file, io.Discard)
	if (err1 == nil) != (err2 == nil) || err1 != nil && err1.Error() != err2.Error() {
		t.Errorf("%s: %v, but %v", file, err2, err1)
	}
	if err1 != nil || err2 != nil {
		return false
	}
	uint8s := strings.HasSuffix(file, ".bvecs") || strings.Contains(notes.String(), ": uint8 converted")
	if (c.Bytes != nil) != uint8s || (c.Floats != nil) == uint8s || !sameMatrix(c.Vectors(), v) {
		t.Errorf("%s: %d uint8 and %d float32, the type is uint8: %v; or the numbers differ", file, len(c.Bytes), len(c.Floats), uint8s)
	}
	return c.Bytes != nil
}

// WriteBytes writes the bytes that NumPy writes, and OpenCoordinates reads them.
func TestWriteBytesAsNumPy(t *testing.T) {
	testkit.EachPeers(t, func(t *testing.T, peers testkit.Peers) {
		want, err := os.ReadFile(filepath.Join(peerFiles(t, peers), "good.bvecs"))
		if err != nil {
			t.Fatal(err)
		}
		c, err := ann.NewBytes(4, 3, []uint8{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "ours.bvecs")
		if err := WriteBytes(path, c); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%v, %v; NumPy writes %v", got, err, want)
		}
		if got, err := OpenCoordinates(path, io.Discard); err != nil || got.N != 4 || got.D != 3 || !slices.Equal(got.Bytes, c.Bytes) {
			t.Errorf("%v, %v", got, err)
		}
	})
}

func TestWriteBytesRefuses(t *testing.T) {
	dir := t.TempDir()
	floats := ann.Vectors{N: 1, D: 1, Data: []float32{1}}.Coordinates()
	for says, err := range map[string]error{
		"a.bvecs: the vectors are of type float32": WriteBytes(filepath.Join(dir, "a.bvecs"), floats),
		"a.npy: vectors of uint8 are written as":   WriteBytes(filepath.Join(dir, "a.npy"), ann.Coordinates{N: 1, D: 1, Bytes: []uint8{1}}),
	} {
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v, %v are left, want nothing", left, err)
	}
}

// A .bvecs file that is cut or of which a row has another dimension is an error with the row.
func TestOpenCoordinatesRefuses(t *testing.T) {
	row := []byte{2, 0, 0, 0, 1, 2}
	path := filepath.Join(t.TempDir(), "e.bvecs")
	for says, data := range map[string][]byte{
		"row 2 is cut short": bytes.Repeat(row, 3)[:17], "row 1 has 1 dimensions": append(bytes.Clone(row), 1, 0, 0, 0, 1), "empty": nil,
	} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenCoordinates(path, io.Discard); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
