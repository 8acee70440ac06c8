package embedding

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/hdf5"
	"anncapacity/lib/internal/testkit"
)

// notRead maps prefixes of file names to the expected error. A file with another prefix must be read.
var notRead = []struct{ begins, says string }{
	// h5py reads a matrix from these.
	{"external_storage", "external storage"}, {"links_external", "external link"}, {"virtual", "virtual"},
	{"type_array", "array"}, {"type_enum", "enumeration"}, {"type_f_", "not IEEE 754"}, {"type_i_", "integer of 12 bits in 2 bytes"},
	{"fill_time_NEVER", "never written"}, {"fill_undefined", "no fill value"},
	{"shared_messages", "shared"}, {"cache_image", "metadata cache image"},
	{"hostile_gzip_161", "161 bytes, 160 are expected"}, {"hostile_bzip2_161", "161 bytes, 160 are expected"},
	{"filter_blosc2", "Blosc2 (ID 32026)"}, {"filter_nbit", "N-bit (ID 5)"}, {"filter_scaleoffset", "scale-offset (ID 6)"},
	{"filter_szip", "SZIP (ID 4)"}, {"filter_sz_", "SZ (ID 32017)"}, {"filter_sz3", "SZ3 (ID 32024)"}, {"filter_sperr", "SPERR (ID 32028)"},
	{"filter_zfp", "ZFP (ID 32013)"},
	// h5py does not read matrices of finite numbers from these either.
	{"fill_nan", "is NaN"}, {"shape_nan", "is NaN"}, {"shape_infinite", "is +Inf"}, {"shape_beyond_float32", "is +Inf"},
	{"shape_vector", "vector of 407"}, {"shape_cube", "37 × 11 × 1"}, {"shape_scalar", "scalar"}, {"shape_empty", "empty"},
	{"shape_zero_columns", "37 × 0"}, {"shape_zero_rows", "0 × 11"},
	{"type_bool", "bool"}, {"type_com", "compound"}, {"type_longdouble", "80 bits in 16 bytes"}, {"type_opaque", "opaque"},
	{"type_ragged", "variable-length"}, {"type_reference", "reference"}, {"type_string", "string"}, {"type_vlen_string", "variable-length"},
	{"links_cycle", "more than 16 soft links"}, {"links_dangling", `soft link "train" to "/nothing"`}, {"links_group", "is no data set"},
	{"links_none", "/other (37 × 11 float32)"}, {"links_type", "is no data set"}, {"swmr_open", "is open for writing"},
	{"hostile_rows", "at least one row"}, {"hostile_columns", "1 to 65536 columns"}, {"hostile_fill", "never written; at most"},
	{"hostile_contiguous", "never written; at most"}, {"hostile_gzip_159", "159 bytes, 160 are expected"},
	{"hostile_bzip2_159", "159 bytes, 160 are expected"}, {"hostile_gzip_4194304", "more than a chunk"},
	{"hostile_bzip2_4194304", "more than a chunk"},
}

// mayRefuse reports whether a file is expected to give this error.
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
func TestHDF5AsH5py(t *testing.T) { testkit.EachPeers(t, testHDF5AsH5py) }

func testHDF5AsH5py(t *testing.T, peers testkit.Peers) {
	dir := t.TempDir()
	peers.Ask(t, testkit.Question{Name: "hdf5_grid", Folder: dir, Script: "hdf5_grid.py", Args: []string{"."}, Largest: 10_000})
	files, err := filepath.Glob(filepath.Join(dir, "*.hdf5"))
	if err != nil || peers.Live && len(files) < 1000 || len(files) < 800 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	read := map[string]bool{}
	for _, path := range files {
		got, err := Open(path)
		read[strings.TrimSuffix(filepath.Base(path), ".hdf5")] = err == nil
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
	checkFormatsPage(t, peers, "hdf5_grid.py", read)
	checkHDF5Notes(t, dir)
	if peers.Live { // files of many data sets are too large to be committed
		checkMembers(t, dir)
	}
}

// checkHDF5Notes checks that conversions and values that were never written are reported.
func checkHDF5Notes(t *testing.T, dir string) {
	t.Helper()
	for name, says := range map[string]string{
		"type_le_f4_v0": "", "type_be_f4_v0": "", "type_le_f2_v0": "float16 converted to float32, every value exactly",
		"type_be_u1_v0": "uint8 converted", "type_be_i8_v0": "int64 converted", "type_committed_v0": "float64 converted",
		"fill_2.5_f4_partly_v108": "187 of 407 values were never written and are read as the file's fill value",
	} {
		var notes bytes.Buffer
		_, err := OpenReporting(filepath.Join(dir, name+".hdf5"), &notes)
		if err != nil || !strings.Contains(notes.String(), says) || says == "" && notes.Len() > 0 {
			t.Errorf("%s: %q, %v; want %q", name, notes.String(), err, says)
		}
	}
}

// checkMembers checks that a data set can be selected by a path through groups and links.
func checkMembers(t *testing.T, dir string) {
	t.Helper()
	want, err := Open(filepath.Join(dir, "links_soft_v0.npy"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"links_soft_v0.hdf5:a/b/c/real", "links_soft_latest.hdf5:/group/hard", "links_ordered_v108.hdf5:g/deep",
		"links_none_v0.hdf5:other", "many_v110.hdf5:./train",
	} {
		if got, err := Open(filepath.Join(dir, name)); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, says := range map[string]string{
		"links_soft_v0.hdf5:a/none": "/a/b/c/real (37 × 11 float32)", "links_soft_v0.hdf5:a": "is no data set",
		"many_v0.hdf5:x007":     "vector of 3",
		"many_latest.hdf5:none": "and 481 more",
	} {
		if _, err := Open(filepath.Join(dir, name)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want %q", name, err, says)
		}
	}
}

// hdf5Damage asks for whole files and 25 damaged copies of each.
func hdf5Damage(dir string) testkit.Question {
	return testkit.Question{Name: "hdf5_damage", Folder: dir, Script: "hdf5_damage.py", Args: []string{".", "25"}}
}

// TestHDF5DamagedAsH5py opens damaged copies of 18 files (60 × 7, seed 0). What both read must be equal; what h5py does not
// read is refused, or has the values of the whole file.
func TestHDF5DamagedAsH5py(t *testing.T) { testkit.EachPeers(t, testHDF5DamagedAsH5py) }

func testHDF5DamagedAsH5py(t *testing.T, peers testkit.Peers) {
	dir := t.TempDir()
	peers.Ask(t, hdf5Damage(dir))
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

// FuzzHDF5 checks that any bytes give an error or a matrix of finite numbers. The memory allocated must not exceed the
// size of the values that may be filled in, twice that size if the matrix grows, and the decompressed size of the file.
func FuzzHDF5(f *testing.F) {
	dir := f.TempDir()
	testkit.Peers{}.Ask(f, hdf5Damage(dir))
	seeds, err := filepath.Glob(filepath.Join(dir, "[a-z]*[^0-9].hdf5"))
	if err != nil || len(seeds) < 10 {
		f.Fatalf("%d seeds, %v", len(seeds), err)
	}
	for _, path := range seeds {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		path := filepath.Join(t.TempDir(), "e.hdf5")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		v, err := Open(path)
		runtime.ReadMemStats(&after)
		const filled, ratio = 3 * 4 * hdf5.MaxUnwritten, 5000
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > filled+uint64(ratio*len(data)) {
			t.Errorf("%d bytes allocated for a file of %d", allocated, len(data))
		}
		if err != nil {
			return
		}
		if _, err := ann.NewVectors(v.N, v.D, v.Data); err != nil {
			t.Error(err)
		}
	})
}
