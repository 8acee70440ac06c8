package embedding

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// refused names the files that h5py reads as a matrix and that are refused here, by how their names begin, and what the
// error must say. A file that begins with none of these must be read.
var refused = []struct{ begins, says string }{}

// TestHDF5AsH5py opens what h5py and hdf5plugin write, and compares with what h5py reads (37 × 11 and larger, seed 0).
func TestHDF5AsH5py(t *testing.T) {
	dir := t.TempDir()
	testkit.Python(t, "hdf5_grid.py", dir)
	files, err := filepath.Glob(filepath.Join(dir, "*.hdf5"))
	if err != nil || len(files) < 1000 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, path := range files {
		got, err := Open(path)
		want, wantErr := Open(strings.TrimSuffix(path, ".hdf5") + ".npy")
		name := filepath.Base(path)
		switch {
		case err != nil && wantErr == nil:
			t.Errorf("%s: %v", name, err)
		case err != nil:
			t.Logf("both: %s: %v", name, err)
		case errors.Is(wantErr, os.ErrNotExist):
			t.Errorf("%s: read, but h5py does not", name)
		case !reflect.DeepEqual(got, want):
			t.Errorf("%s: other values: %d × %d, %d × %d", name, got.N, got.D, want.N, want.D)
		}
	}
}

// damagedCopies is how many damaged copies of each file are compared.
const damagedCopies = "600"

// TestHDF5DamagedAsH5py opens damaged copies of 12 files (60 × 7, seed 0). What both read must be equal; what h5py does not
// read is refused, or has the values of the whole file.
func TestHDF5DamagedAsH5py(t *testing.T) {
	dir := t.TempDir()
	testkit.Python(t, "hdf5_damage.py", dir, damagedCopies)
	files, err := filepath.Glob(filepath.Join(dir, "*-*.hdf5"))
	if err != nil || len(files) < 400 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	read := 0
	for _, path := range files {
		got, err := Open(path)
		if err != nil {
			continue
		}
		read++
		asked := strings.TrimSuffix(path, ".hdf5") + ".npy"
		if _, err := os.Stat(asked); err != nil {
			kind, _, _ := strings.Cut(filepath.Base(path), "-")
			asked = filepath.Join(dir, kind+".npy")
		}
		if want, err := Open(asked); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: other values than %s, %v", path, asked, err)
		}
	}
	if read < len(files)/4 {
		t.Errorf("%d of %d files read: too few to compare", read, len(files))
	}
}
