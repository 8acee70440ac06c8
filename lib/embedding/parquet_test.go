package embedding

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// parquetGridFile is a line of the index that the peers' scripts write: a Parquet file, the column to select and its
// type.
type parquetGridFile struct{ path, member, kind string }

func (g parquetGridFile) name() string { return strings.TrimSuffix(g.path+":"+g.member, ":") }

// writeParquetGrid runs a script that writes Parquet files and the matrices that pyarrow reads from them.
func writeParquetGrid(t *testing.T, peers testkit.Peers, script string, largest int64) (dir string, files []parquetGridFile) {
	t.Helper()
	dir = t.TempDir()
	peers.Ask(t, testkit.Question{Name: strings.TrimSuffix(script, ".py"), Folder: dir, Script: script, Args: []string{"."}, Largest: largest})
	index, err := os.ReadFile(filepath.Join(dir, "index.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(index)) {
		part := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		file := parquetGridFile{filepath.Join(dir, part[0]), part[1], part[2]}
		if _, err := os.Stat(file.path); err == nil || peers.Live {
			files = append(files, file)
		}
	}
	return dir, files
}

// sameMatrix reports whether two matrices are equal bit for bit, including the signs of zeros.
func sameMatrix(a, b ann.Vectors) bool {
	return a.N == b.N && a.D == b.D && slices.EqualFunc(a.Data, b.Data, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

// Files that pyarrow writes (types × codecs × page versions × encodings, with varying nestings and layouts) are read
// with the values that pyarrow reads, and conversions are reported.
func TestParquetReadsWhatPyarrowWrites(t *testing.T) {
	testkit.EachPeers(t, testParquetReadsWhatPyarrowWrites)
}

func testParquetReadsWhatPyarrowWrites(t *testing.T, peers testkit.Peers) {
	_, files := writeParquetGrid(t, peers, "parquet_grid.py", 2_000)
	if peers.Live && len(files) < 600 || len(files) < 400 {
		t.Fatalf("only %d files", len(files))
	}
	read := map[string]bool{}
	defer func() { checkFormatsPage(t, peers, "parquet_grid.py", read) }()
	for _, f := range files {
		var notes bytes.Buffer
		got, err := OpenReporting(f.name(), &notes)
		read[strings.TrimSuffix(filepath.Base(f.path), ".parquet")] = err == nil
		checkRanges(t, f.name(), got, err)
		if err != nil {
			t.Error(err)
			continue
		}
		want, err := Open(f.path + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		if !sameMatrix(got, want) {
			t.Errorf("%s: %d × %d differ from pyarrow's %d × %d", f.name(), got.N, got.D, want.N, want.D)
		}
		if reported := strings.Contains(notes.String(), f.kind+" converted"); reported != (f.kind != "float32") {
			t.Errorf("%s: notes %q", f.name(), notes.String())
		}
	}
}

// refusedThoughReadable lists files that pyarrow reads and this reader rejects.
var refusedThoughReadable = map[string]string{"hadoop_lz4.parquet": "LZ4 in Hadoop's frames"}

// Older nestings, encodings and codecs, and odd names of columns, are read as pyarrow reads them.
func TestParquetReadsOthersFiles(t *testing.T) { testkit.EachPeers(t, testParquetReadsOthersFiles) }

func testParquetReadsOthersFiles(t *testing.T, peers testkit.Peers) {
	dir, files := writeParquetGrid(t, peers, "parquet_others.py", 10_000)
	read := map[string]bool{}
	for _, f := range files {
		want, err := Open(f.path + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		got, err := Open(f.name())
		checkRanges(t, f.name(), got, err)
		read[strings.TrimSuffix(filepath.Base(f.path), ".parquet")] = err == nil
		if says := refusedThoughReadable[filepath.Base(f.path)]; says != "" {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v; want %q", f.name(), err, says)
			}
		} else if err != nil || !sameMatrix(got, want) {
			t.Errorf("%s: %d × %d, not pyarrow's %d × %d: %v", f.name(), got.N, got.D, want.N, want.D, err)
		}
	}
	for _, member := range []string{"dense", "sparse"} {
		want, err := Open(filepath.Join(dir, "struct_"+member+".npy"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Open(filepath.Join(dir, "struct.parquet:s."+member))
		read["struct_"+member] = err == nil
		if err != nil || !sameMatrix(got, want) {
			t.Errorf("s.%s: %v", member, err)
		}
	}
	t.Run("refused", func(t *testing.T) {
		refusesParquet(t, dir, parquetRefusals, func(path string) error { _, err := Open(path); return err })
	})
	for name := range parquetRefusals {
		file, member := splitMember(name)
		if _, ok := read[strings.TrimSuffix(file, ".parquet")]; !ok && member == "" {
			read[strings.TrimSuffix(file, ".parquet")] = false // as checked by the subtest
		}
	}
	checkFormatsPage(t, peers, "parquet_others.py", read)
}

// refusesParquet checks that files are rejected and that the errors contain the given text.
func refusesParquet(t *testing.T, dir string, files map[string]string, open func(path string) error) {
	t.Helper()
	for name, says := range files {
		err := open(filepath.Join(dir, name))
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), filepath.Join(dir, name)) {
			t.Errorf("%s: %v; want %q", name, err, says)
		}
		if err != nil && strings.Contains(err.Error(), "runtime error") {
			t.Error(err)
		}
	}
}

var parquetRefusals = map[string]string{
	"encrypted.parquet": "is an encrypted Parquet file", "encrypted_column.parquet:secret": "column secret, row group 0: is encrypted",
	"lzo.parquet": "LZO", "codec_99.parquet": "a codec that is not known", "map.parquet": "a map", "real_map.parquet": "a map",
	"struct_in_list.parquet": "v (a list of structs", "list_of_structs.parquet": "v (a list of structs", "no_list.parquet": "a list of structs",
	"lists_of_lists.parquet": "v (lists of lists of float64)", "decimals.parquet": "v (a list of decimal(precision=5, scale=2))",
	"booleans.parquet": "v (a list of bool)", "dates.parquet": "v (a list of date)", "strings.parquet": "v (a list of string)", "nulls.parquet": "v (a list of null)",
	"columns.parquet": "x9 (float32), 20 more; a matrix is one column whose rows are lists", "fixed_null.parquet": "row 1 is or holds a null",
	"null_struct.parquet": "column s.dense, row group 0: row 1 is or holds a null", "struct.parquet": ":s.dense or :s.sparse", "struct.parquet:s": ":s.dense or :s.sparse",
	"struct.parquet:dense": `no column "dense"`, "one_of_struct.parquet:s.id": "s.id (int32)", "odd_names.parquet": `:a:b or :a.b or :a/b or ":a b"`,
	"children.parquet": "1073741824 columns", "negative_children.parquet": "-5 columns", "false_values.parquet": "header of a page", "false_rows.parquet": "1099511627776 rows",
	"false_type.parquet": "damaged footer", "false_statistics.parquet": "its statistics name", "too_wide_int8.parquet": "holds 300 as int8",
	"false_zstd.parquet": "ZSTD: a frame announces 1099511627776 bytes", "false_snappy.parquet": "SNAPPY", "false_gzip.parquet": "GZIP", "false_lz4.parquet": "LZ4_RAW",
	"false_brotli.parquet": "BROTLI", "huge_none.parquet": "announces 2147483647 bytes and holds 20", "huge_snappy.parquet": "SNAPPY: announces 2147483647",
	"huge_gzip.parquet": "GZIP: announces 2147483647", "huge_brotli.parquet": "BROTLI: announces 2147483647", "huge_zstd.parquet": "ZSTD", "huge_lz4.parquet": "LZ4_RAW: announces 2147483647",
}

// Strings of every encoding, codec and page version are equal to those that pyarrow reads.
func TestOpenStringsReadsWhatPyarrowWrites(t *testing.T) {
	testkit.EachPeers(t, testOpenStringsReadsWhatPyarrowWrites)
}

func testOpenStringsReadsWhatPyarrowWrites(t *testing.T, peers testkit.Peers) {
	dir, files := writeParquetGrid(t, peers, "parquet_strings.py", 6_000)
	if peers.Live && len(files) != 60 || len(files) < 30 {
		t.Fatalf("%d files", len(files))
	}
	for _, f := range files {
		text, err := os.ReadFile(f.path + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
		if got, err := OpenStrings(f.path); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s (%s): %d strings, not pyarrow's %d: %v", f.path, f.kind, len(got), len(want), err)
		}
	}
	refusesParquet(t, dir, map[string]string{
		"null.parquet": "row 2 is a null", "nulls.parquet": "row 0 is a null", "long.parquet": "row 1 is a string of 70000 bytes", "latin.parquet": "row 1 is not text",
		"number.parquet": "word (int64)", "lists.parquet": "word (a list of string)", "struct.parquet": ":s.word or :s.class",
	}, func(path string) error { _, err := OpenStrings(path); return err })
}

func TestSplitMember(t *testing.T) {
	for path, want := range map[string][2]string{
		"a.parquet": {"a.parquet", ""}, "a.parquet:": {"a.parquet", ""}, "a.PQ:b": {"a.PQ", "b"}, "a.parquet:b:c": {"a.parquet", "b:c"},
		"a.parquet:x.npy:y": {"a.parquet", "x.npy:y"}, "C:/a.parquet:b": {"C:/a.parquet", "b"}, "a:b/c.h5:/d": {"a:b/c.h5", "/d"}, "a.txt:b": {"a.txt:b", ""}, "": {"", ""},
	} {
		if file, member := splitMember(path); file != want[0] || member != want[1] {
			t.Errorf("%q: %q and %q, want %q", path, file, member, want)
		}
	}
}
