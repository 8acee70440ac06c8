package embedding

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// peerFiles is what NumPy, pyarrow and h5py write.
func peerFiles(t *testing.T, peers testkit.Peers) string {
	t.Helper()
	dir := t.TempDir()
	peers.Ask(t, testkit.Question{Name: "formats", Folder: dir, Script: "formats.py", Args: []string{"."}, Largest: 10_000})
	return dir
}

func TestOpenReadsWhatOthersWrite(t *testing.T) { testkit.EachPeers(t, testOpenReadsWhatOthersWrite) }

func testOpenReadsWhatOthersWrite(t *testing.T, peers testkit.Peers) {
	dir := peerFiles(t, peers)
	quarters, whole, twice := ann.Vectors{N: 4, D: 3}, ann.Vectors{N: 4, D: 3}, ann.Vectors{N: 4, D: 3}
	for i := range 12 {
		quarters.Data = append(quarters.Data, float32(i)/4)
		whole.Data = append(whole.Data, float32(i))
		twice.Data = append(twice.Data, float32(i)/2)
	}
	firstTwo := ann.Vectors{N: 2, D: 3, Data: quarters.Data[:6]}
	for name, want := range map[string]ann.Vectors{
		"good.fvecs": quarters, "good.bvecs": whole,
		"variable.parquet": quarters, "fixed.parquet": quarters, "double.parquet": quarters, "groups.parquet": quarters, "split.parquet": quarters, "int_list.parquet": whole,
		"fixed.parquet:vector": quarters, "two.parquet:vector": quarters, "two.parquet:other": twice,
		"plain.hdf5": quarters, "numbers.hdf5": whole, "packed.hdf5": quarters, "v110.hdf5": quarters, "plain.hdf5:train": quarters, "plain.hdf5:/test": firstTwo,
	} {
		got, err := Open(filepath.Join(dir, name))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestOpenStrings(t *testing.T) { testkit.EachPeers(t, testOpenStrings) }

func testOpenStrings(t *testing.T, peers testkit.Peers) {
	dir := peerFiles(t, peers)
	for _, name := range []string{"variable.parquet", "variable.parquet:word", "no_list.parquet", "two_words.parquet:class"} {
		got, err := OpenStrings(filepath.Join(dir, name))
		if want := []string{"a", "b", "c", "d"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for name, says := range map[string]string{
		"two_words.parquet": "2 columns of strings", "double.parquet": "no column of strings", "variable.parquet:age": `"age"`,
		"null_word.parquet": "row 1 is a null", "good.fvecs": "PAR1", "missing.parquet": "no such file",
	} {
		if _, err := OpenStrings(filepath.Join(dir, name)); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v; want %q", name, err, says)
		}
	}
}

func TestOpenReadsManyBlocks(t *testing.T) {
	if !testkit.HasPeers(t, "matrices of several blocks in HDF5 and Parquet files, 18 MB each") {
		return
	}
	dir := peerFiles(t, testkit.Peers{Live: true})
	want, err := Open(filepath.Join(dir, "large.npy"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"large.hdf5", "large.parquet"} {
		got, err := Open(filepath.Join(dir, name))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %d × %d, %v; the numbers are not those of large.npy", name, got.N, got.D, err)
		}
	}
}

func TestOpenRefusesAndSaysWhy(t *testing.T) { testkit.EachPeers(t, testOpenRefusesAndSaysWhy) }

func testOpenRefusesAndSaysWhy(t *testing.T, peers testkit.Peers) {
	dir := peerFiles(t, peers)
	for name, says := range map[string]string{
		"ragged.fvecs": "row 2 has 2 dimensions", "nan.fvecs": "row 2, column 1 is NaN",
		"two.parquet": ":vector or :other", "two.parquet:third": `"third"`, "no_list.parquet": "no column of lists",
		"null_row.parquet": "row 1 is or holds a null", "null_number.parquet": "row 1 is or holds a null",
		"empty_list.parquet": "row 2 is or holds a null, or is an empty list", "ragged.parquet": "row 1 has 2 dimensions", "nan.parquet": "row 2, column 1 is NaN",
		"too_large.parquet": "row 0, column 0 is +Inf", "zero_rows.parquet": "shape 0 × 0",
		"no_train.hdf5": `no data set "train"`, "plain.hdf5:other": `no data set "other"`, "vector.hdf5": "vector of 12",
		"zero_rows.hdf5": "0 × 3", "nan.hdf5": "row 2, column 1 is NaN",
		"good.fvecs:vector": "one matrix", "embeddings.csv": ".fvecs", "missing.hdf5": "no such file",
	} {
		_, err := Open(filepath.Join(dir, name))
		file, _ := splitMember(name)
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v; want %q", name, err, says)
		}
	}
	if _, err := Open(dir + "/"); err == nil {
		t.Error("a folder was read")
	}
}

// A file truncated at any place is an error with the name of the file. (.fvecs and .bvecs files that end between two
// rows cannot be recognized as truncated.)
func TestTruncatedFilesAreNamed(t *testing.T) { testkit.EachPeers(t, testTruncatedFilesAreNamed) }

func testTruncatedFilesAreNamed(t *testing.T, peers testkit.Peers) {
	dir := peerFiles(t, peers)
	for _, name := range []string{"good.fvecs", "good.bvecs", "variable.parquet", "groups.parquet", "plain.hdf5", "packed.hdf5", "v110.hdf5"} {
		good, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		for _, length := range []int{0, 1, 3, 5, len(good) / 3, len(good)/2 + 1, len(good) - 1} {
			if err := os.WriteFile(path, good[:length], 0o644); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%s cut to %d of %d bytes: %v", name, length, len(good), err)
			}
		}
	}
}

func TestVecsNameTheRow(t *testing.T) {
	row := []byte{2, 0, 0, 0, 1, 2}
	path := filepath.Join(t.TempDir(), "e.bvecs")
	for says, data := range map[string][]byte{
		"empty": nil, "row 0: 0 dimensions": {0, 0, 0, 0}, "row 0: -1 dimensions": {255, 255, 255, 255}, "row 0: 2147483647": {255, 255, 255, 127},
		"row 0: its dimension is cut": row[:2], "row 0 is cut": row[:5], "row 2 is cut": bytes.Repeat(row, 3)[:17],
		"row 2: its dimension is cut": bytes.Repeat(row, 3)[:13], "row 1: -1 dimensions": append(bytes.Clone(row), 255, 255, 255, 255),
	} {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

// FuzzVecs checks that any bytes give an error or a complete matrix of finite numbers.
func FuzzVecs(f *testing.F) {
	extensions := []string{"e.fvecs", "e.bvecs", "e.fbin", "e.u8bin", "e.i8bin"}
	f.Add(uint8(2), []byte{1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 128, 63})
	f.Add(uint8(4), []byte{2, 0, 0, 0, 1, 0, 0, 0, 7, 255})
	f.Add(uint8(0), []byte{1, 0, 0, 0, 0, 0, 0, 0})
	f.Add(uint8(1), []byte{2, 0, 0, 0, 1, 2})
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		path := filepath.Join(t.TempDir(), extensions[int(kind)%len(extensions)])
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		v, err := Open(path)
		if err != nil {
			return
		}
		if _, err := ann.NewVectors(v.N, v.D, v.Data); err != nil {
			t.Error(err)
		}
	})
}

// FuzzTruth checks that any bytes give an error or a complete matrix of IDs, without more memory than a multiple of the file.
func FuzzTruth(f *testing.F) {
	extensions := []string{"e.ivecs", "e.ibin", "e.npy"}
	f.Add(uint8(0), []byte{1, 0, 0, 0, 5, 0, 0, 0})
	f.Add(uint8(1), []byte{1, 0, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0})
	f.Add(uint8(2), append([]byte(npyMagic+"\x01\x00\x3b\x00{'descr': '<i4', 'fortran_order': False, 'shape': (1, 2), }"), 1, 0, 0, 0, 2, 0, 0, 0))
	f.Fuzz(func(t *testing.T, kind uint8, data []byte) {
		path := filepath.Join(t.TempDir(), extensions[int(kind)%len(extensions)])
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		truth, err := OpenTruth(path)
		runtime.ReadMemStats(&after)
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 2<<20+uint64(100*len(data)) {
			t.Errorf("%d bytes allocated for a file of %d", allocated, len(data))
		}
		if err == nil && (truth.N < 1 || truth.K < 1 || len(truth.IDs) != truth.N*truth.K) {
			t.Errorf("%d × %d: %d IDs", truth.N, truth.K, len(truth.IDs))
		}
	})
}
