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
