package embedding

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// kindOfFile is a term of docs/formats.md and a pattern of the files in a grid that demonstrate it. The pattern must
// match the whole name.
type kindOfFile struct{ word, files string }

// formatRow is a row of docs/formats.md: what is read and what is refused, each demonstrated by files of the grid.
type formatRow struct {
	format, what  string
	grid          string // the script of environment/peers that writes it
	read, refused []kindOfFile
}

var formatRows = []formatRow{
	{".npy", "types", "npy_grid.py",
		[]kindOfFile{{"float16, float32, float64", "f[248]-.*"}, {"int8 to int64", "i[1248]-.*"}, {"uint8 to uint64", "u[1248]-.*"}, {"bool", "b1-.*"}},
		[]kindOfFile{{"long double", "longdouble"}, {"complex", "complex"}, {"strings", "strings|bytes"}, {"Python objects", "objects"}, {"structs", "records.*"}, {"dates", "dates"}}},
	{".npy", "files", "npy_grid.py",
		[]kindOfFile{{"versions 1 to 3", "version-[123](-fortran)?"}, {"both byte orders, C and Fortran order", "[fiub][1248]-5x3-[lb][CF]"}, {"the header's keys in any order and spelling, including Python 2's 300L", "spelling-.*"}, {"bytes after the data (reported)", "longer-.*"}},
		[]kindOfFile{{"cut files", "shorter-.*"}, {"other than two dimensions", "scalar|vector|cube"}, {"no rows or columns", "zero-.*"}, {"NaN, infinity, beyond float32", "nan|infinite|beyond"}, {"files of other formats with this extension", "other-.*"}}},
	{".parquet, .pq", "types of a list's numbers", "parquet_grid.py",
		[]kindOfFile{{"float16, float32, float64", "float(16|32|64)_.*"}, {"int8 to int64", "int.*"}, {"uint8 to uint64", "uint.*"}}, nil},
	{".parquet, .pq", "codecs", "parquet_grid.py",
		[]kindOfFile{{"none", ".*_none_.*"}, {"Snappy", ".*_snappy_.*"}, {"gzip", ".*_gzip_.*"}, {"Brotli", ".*_brotli_.*"}, {"Zstandard", ".*_zstd_.*"}, {"LZ4_RAW, all with data pages v1 and v2", ".*_lz4_v[12]_.*"}}, nil},
	{".parquet, .pq", "files", "parquet_others.py",
		[]kindOfFile{{"lists of two and three levels, required lists", "(two|three)_levels|required_list|bag"}, {"lists in a struct (:s.dense)", "struct_dense"}, {"any column name", "odd_[0-9]|no_name"}, {"empty row groups and pages", "empty_(groups|page)"}, {"bloom filters, page index", "bloom|pages"}},
		[]kindOfFile{{"LZ4 in Hadoop's frames", "hadoop_lz4"}, {"LZO", "lzo"}, {"encryption", "encrypted"}, {"lists of lists", "lists_of_lists"}, {"maps", "map|real_map"}, {"lists of structs", "list_of_structs"}, {"booleans, dates, decimals, strings", "booleans|dates|decimals|strings"}, {"nulls", "nulls|fixed_null"}, {"one column per dimension", "columns"}, {"headers or footers that contradict the data", "(false|huge)_.*"}}},
	{"folder, pattern of .parquet", "files", "inputs_grid.py",
		[]kindOfFile{{"the .parquet and .pq files of a folder in the order of their names", "shards-(folder|slash)"}, {"the files that match a pattern of `*` and `?` and `[…]`", "shards-(pattern|one)"}, {"with a column (:vector)", "shards-(member|pattern-member|two|spark-member)"}, {"the folders that Spark writes", "shards-spark"}},
		[]kindOfFile{{"columns that differ in name or type or dimension", "shards-(type|dimension|columns?|no-column|no-member)"}, {"what a single file is refused for", "shards-(cut|garbage|other|zero|nan|null|ragged)"}, {"folders and patterns without any file", "shards-(none|no-match|no-pattern|any|all-empty)"}}},
	{".hdf5, .h5", "types", "hdf5_grid.py",
		[]kindOfFile{{"float16, float32, float64", "type_(le|be)_f[248]_.*"}, {"int8 to int64", "type_(le|be)_i[1248]_.*"}, {"uint8 to uint64, both byte orders", "type_(le|be)_u[1248]_.*"}},
		[]kindOfFile{{"bool and enumerations", "type_(bool|enum).*"}, {"compound and complex", "type_(compound|complex).*"}, {"strings, references, variable length", "type_(string|reference|ragged|vlen_string).*"}, {"floats that are not IEEE 754", "type_f_.*"}}},
	{".hdf5, .h5", "filters", "hdf5_grid.py",
		[]kindOfFile{{"gzip", "filter_gzip[09].*"}, {"shuffle", "filter_shuffle.*"}, {"Fletcher32 (verified)", "filter_fletcher.*"}, {"LZF", "filter_lzf.*"}, {"bzip2", "filter_bzip2.*"}, {"Zstandard", "filter_zstd.*"}, {"LZ4", "filter_lz4.*"}, {"Blosc", "filter_blosc_.*"}, {"Bitshuffle", "filter_bitshuffle.*"}, {"filter masks of individual chunks", "mask_.*"}},
		[]kindOfFile{{"SZIP", "filter_szip_(random|double|i_).*"}, {"N-bit", "filter_nbit.*"}, {"scale-offset", "filter_scaleoffset.*"}, {"Blosc2", "filter_blosc2.*"}, {"ZFP", "filter_zfp.*"}, {"SZ, SZ3", "filter_sz3?_.*"}, {"SPERR", "filter_sperr.*"}}},
	{".hdf5, .h5", "files", "hdf5_grid.py",
		[]kindOfFile{{"every version of the format that h5py writes", "chunk_.*"}, {"all chunk indexes", "index_.*"}, {"compact layout", "layout_compact.*"}, {"fill values (reported)", "fill_(None|7|-3)_.*"}, {"soft and hard links", "links_(soft|hard).*"}, {"user blocks", "user_block_.*"}, {"many data sets and groups", "many.*"}},
		[]kindOfFile{{"external links and storage", "links_external.*|external_storage.*"}, {"virtual data sets", "virtual.*"}, {"other than two dimensions", "shape_(vector|cube|scalar).*"}, {"no rows or columns", "shape_zero.*"}, {"NaN, infinity, beyond float32", "shape_(nan|infinite|beyond_float32).*"}, {"files open for writing", "swmr_open.*"}}},
	{".fbin, .u8bin, .i8bin", "files", "inputs_grid.py",
		[]kindOfFile{{"a header of n and d as uint32 before float32, uint8 or int8", "bin-(f|u8|i8|one)"}},
		[]kindOfFile{{"files of any other size than the header announces", "bin-(cut|longer|other).*"}, {"no rows or columns", "bin-(rows|columns)"}, {"NaN or infinity", "bin-(nan|infinite)"}, {"files of other formats with this extension", "bin-magic"}}},
	{".ivecs, .ibin, .hdf5, .npy", "exact neighbours (`--truth`)", "inputs_grid.py",
		[]kindOfFile{{".ivecs with lists of one length", "truth-ivecs"}, {".ibin with or without distances", "truth-ibin(-distances)?"}, {"data sets of HDF5 and arrays of NumPy with integers of 32 or 64 bits", "truth-hdf5(-(neighbors|long|packed|big))?|truth-npy-(i4|i8|u4-big)"}},
		[]kindOfFile{{"cut files and lists of different lengths", "truth-(cut|ragged|zero|no-columns|ibin-cut)"}, {"negative IDs and IDs beyond 31 bits", "truth-.*-(beyond|negative)"}, {"other numbers", "truth-(hdf5-(distances|short|vector)|npy-(float|i2))"}}},
}

// words joins the terms of several kinds.
func words(kinds []kindOfFile) string {
	var all []string
	for _, k := range kinds {
		all = append(all, k.word)
	}
	return strings.Join(all, ", ")
}

const formatsHead = `# File formats of embeddings

Every number is converted to float32; ` + "`embedding.OpenCoordinates`" + ` keeps uint8 as it is. A conversion is reported, with the number of values
that it rounds (` + "`scale`" + ` reports only whether it may round). Content that is not in the column "read" is an error that names the file and its
content. Damage that a checksum, a length or a type reveals is an error as well.

The tests demonstrate each entry with files that NumPy, pyarrow or h5py write. A file that is read has bit for bit the values that they
read; a refused file gives an error with the reason. ` + "`go test ./lib/embedding`" + ` compares this page with these files.

| format | what | read | refused |
|---|---|---|---|
`

const formatsFoot = "| .fvecs | files | rows of an int32 dimension and float32 numbers, all of the same dimension | cut rows, rows of different dimensions, big-endian files |\n" +
	"| .bvecs | files | the same with uint8 numbers | the same |\n" +
	"| folder, pattern, URL of shards | .npy, .fbin, .u8bin, .i8bin, .parquet, .pq (`anncapacity scale`, package lib/scale/shard) | " +
	"`FOLDER`, `FOLDER/part-*.npy`, `file:///FOLDER`, `s3://BUCKET/PREFIX?region=…`, `gs://BUCKET/PREFIX`; rows in ranges, no shard as a whole; " +
	"Parquet files without rows | shards that differ in format or type or dimension or column, shards that were changed after they were opened, " +
	"Fortran order, what a single file is refused for, s3 and gs in a program without their drivers |\n" + `
In a file with several matrices, the name selects one: ` + "`FILE.parquet:column`, `FOLDER:column`, `FILE.hdf5:group/dataset`" + `. The default in
HDF5 files is "train", for queries "test", and for exact neighbours "neighbors", as ann-benchmarks names them. In several Parquet
files, the number of a row counts on from file to file.
`

// TestFormatsPage compares docs/formats.md with the table above; UPDATE=1 writes it.
func TestFormatsPage(t *testing.T) {
	var page strings.Builder
	page.WriteString(formatsHead)
	for _, r := range formatRows {
		fmt.Fprintf(&page, "| %s | %s | %s | %s |\n", r.format, r.what, words(r.read), words(r.refused))
	}
	page.WriteString(formatsFoot)
	path := filepath.Join(testkit.Root(t), "docs", "formats.md")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(page.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != page.String() {
		t.Errorf("docs/formats.md is not the table of the grids (%v): UPDATE=1 go test -run TestFormatsPage ./lib/embedding writes it", err)
	}
}

// checkFormatsPage compares the rows of the page with the files of a grid. read maps names without extension to whether
// the file was read.
func checkFormatsPage(t *testing.T, peers testkit.Peers, grid string, read map[string]bool) {
	t.Helper()
	rows := 0
	for _, r := range formatRows {
		if r.grid != grid {
			continue
		}
		rows++
		for _, k := range r.read {
			k.check(t, peers, r, read, true)
		}
		for _, k := range r.refused {
			k.check(t, peers, r, read, false)
		}
	}
	if rows == 0 {
		t.Errorf("docs/formats.md has no row of %s", grid)
	}
}

// check reports files that were read although the page says refused, or the reverse. If all files of the grid are
// available, it also reports kinds without any file.
func (k kindOfFile) check(t *testing.T, peers testkit.Peers, r formatRow, read map[string]bool, want bool) {
	t.Helper()
	pattern := regexp.MustCompile("^(" + k.files + ")$")
	files := 0
	for name, got := range read {
		if pattern.MatchString(name) {
			files++
			if got != want {
				t.Errorf("docs/formats.md, %s, %s, %q: read is %v, file %s: %v", r.format, r.what, k.word, want, name, got)
			}
		}
	}
	if files == 0 && peers.Live {
		t.Errorf("docs/formats.md, %s, %s, %q: the grid has no such file", r.format, r.what, k.word)
	}
}
