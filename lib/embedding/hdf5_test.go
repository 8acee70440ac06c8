package embedding

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// notRead names the files that are refused, by how their names begin, and what the error says. A file that begins with none
// of these must be read.
var notRead = []struct{ begins, says string }{
	// h5py reads these as a matrix.
	{"external_storage", "external storage"}, {"links_external", "external link"}, {"virtual", "virtual"},
	{"type_array", "array"}, {"type_enum", "enumeration"}, {"type_f_", "not IEEE 754"}, {"type_i_", "integer of 12 bits in 2 bytes"},
	{"fill_time_NEVER", "never written"}, {"hostile_gzip_161", "161 bytes, 160 are expected"}, {"hostile_bzip2_161", "161 bytes, 160 are expected"},
	{"filter_blosc2", "Blosc2 (ID 32026)"}, {"filter_nbit", "N-bit (ID 5)"}, {"filter_scaleoffset", "scale-offset (ID 6)"},
	{"filter_szip", "SZIP (ID 4)"}, {"filter_sz_", "SZ (ID 32017)"}, {"filter_sz3", "SZ3 (ID 32024)"}, {"filter_sperr", "SPERR (ID 32028)"},
	{"filter_zfp", "ZFP (ID 32013)"},
	// These are no matrices of finite numbers for h5py either.
	{"fill_nan", "is NaN"}, {"shape_nan", "is NaN"}, {"shape_infinite", "is +Inf"}, {"shape_beyond_float32", "is +Inf"},
	{"shape_vector", "vector of 407"}, {"shape_cube", "37 × 11 × 1"}, {"shape_scalar", "scalar"}, {"shape_empty", "empty"},
	{"shape_zero_columns", "37 × 0"}, {"shape_zero_rows", "0 × 11"},
	{"type_bool", "bool"}, {"type_com", "compound"}, {"type_longdouble", "80 bits in 16 bytes"}, {"type_opaque", "opaque"},
	{"type_ragged", "variable-length"}, {"type_reference", "reference"}, {"type_string", "string"}, {"type_vlen_string", "variable-length"},
	{"links_cycle", "more than 16 soft links"}, {"links_dangling", `soft link "train" to "/nothing"`}, {"links_group", "is no data set"},
	{"links_none", "/other (37 × 11 float32)"}, {"links_type", "is no data set"}, {"swmr_open", "is open for writing"},
	{"hostile_rows", "at least one row"}, {"hostile_columns", "1 to 65536 columns"}, {"hostile_fill", "never written; at most"},
	{"hostile_contiguous", "never written; at most"}, {"hostile_gzip", "bytes"}, {"hostile_bzip2", "bytes"},
}

// mayRefuse reports whether a file is expected to be refused with an error.
func mayRefuse(name string, err error) bool {
	for _, r := range notRead {
		if strings.HasPrefix(name, r.begins) {
			return strings.Contains(err.Error(), r.says)
		}
	}
	return false
}

// TestHDF5AsH5py opens what h5py and hdf5plugin write (most files 37 × 11, seed 0): the values are those that h5py reads, or
// the file is refused by one of the errors above.
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
		case err != nil && !mayRefuse(name, err):
			t.Errorf("refused: %v", err)
		case err == nil && wantErr != nil:
			t.Errorf("%s: read, but not what h5py reads: %v", name, wantErr)
		case err == nil && !reflect.DeepEqual(got, want):
			t.Errorf("%s: other values: %d × %d, %d × %d", name, got.N, got.D, want.N, want.D)
		}
	}
}

// damagedCopies is how many damaged copies of each file are compared.
const damagedCopies = "40"

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
