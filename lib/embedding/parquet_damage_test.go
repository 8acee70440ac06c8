package embedding

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// damagedParquet is a line of the index of parquet_damage.py.
type damagedParquet struct {
	path, whole string
	read        bool // whether pyarrow reads it
}

// damagedFiles has each of the script's files, damaged so often as the number says.
func damagedFiles(t *testing.T, peers testkit.Peers, times int, seed string) (files []damagedParquet) {
	t.Helper()
	dir := t.TempDir()
	peers.Ask(t, testkit.Question{Name: "parquet_damage", Folder: dir, Script: "parquet_damage.py", Args: []string{".", strconv.Itoa(times), seed}})
	index, err := os.ReadFile(filepath.Join(dir, "index.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(index)) {
		part := strings.Split(strings.TrimSpace(line), "\t")
		files = append(files, damagedParquet{filepath.Join(dir, part[0]), filepath.Join(dir, part[1]), part[2] == "read"})
	}
	return files
}

// parquetContent reads a file as the matrix or the strings that its name denotes, in a form that can be compared bit for
// bit.
func parquetContent(path string) (string, error) {
	if strings.HasPrefix(filepath.Base(path), "words") {
		words, err := OpenStrings(path)
		return strings.Join(append(words, ""), "\x00"), err
	}
	v, err := Open(path)
	if err != nil {
		return "", err
	}
	bits, err := binary.Append(nil, binary.LittleEndian, v.Data)
	return strconv.Itoa(v.D) + " " + string(bits), err
}

// pyarrowContent returns what pyarrow reads from that file, in the form of parquetContent.
func pyarrowContent(path string) (string, error) {
	if strings.HasPrefix(filepath.Base(path), "words") {
		text, err := os.ReadFile(path + ".txt")
		return string(text), err
	}
	return parquetContent(path + ".npy")
}

// allocated returns the total number of bytes that f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// check opens a damaged file and reports whether it is read. The values must be those that pyarrow reads, or those of
// the undamaged file if pyarrow rejects it. The reader must not allocate more than a few times the memory for the
// undamaged file.
func (f damagedParquet) check(t *testing.T) bool {
	t.Helper()
	var got string
	var err error
	needed := allocated(func() { parquetContent(f.whole) })
	if took := allocated(func() { got, err = parquetContent(f.path) }); took > 4*needed+4<<20 {
		t.Errorf("%s allocates %d bytes, the whole file %d", f.path, took, needed)
	}
	if v, err := Open(f.path); !strings.HasPrefix(filepath.Base(f.path), "words") {
		checkRanges(t, f.path, v, err)
	}
	if err != nil {
		if !strings.Contains(err.Error(), f.path) || strings.Contains(err.Error(), "runtime error") {
			t.Error(err)
		}
		return false
	}
	of := f.whole
	if f.read {
		of = f.path
	}
	want, err := pyarrowContent(of)
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("%s: its values are not those that pyarrow reads of %s", f.path, filepath.Base(of))
	}
	return true
}

// Sixteen files of 60 × 8 numbers or 150 strings, each damaged at 60 seeded places (PARQUET_DAMAGES and
// PARQUET_SEED ask for more and for others).
func TestParquetDamage(t *testing.T) { testkit.EachPeers(t, testParquetDamage) }

func testParquetDamage(t *testing.T, peers testkit.Peers) {
	times, seed, read := 60, "3", 0
	if more, err := strconv.Atoi(os.Getenv("PARQUET_DAMAGES")); err == nil && peers.Live {
		times, seed = more, os.Getenv("PARQUET_SEED")
	}
	files := damagedFiles(t, peers, times, seed)
	for _, f := range files {
		if f.check(t) {
			read++
		}
	}
	if read < len(files)/5 || read > len(files)*4/5 {
		t.Errorf("%d of %d damaged files were read: the damages test little", read, len(files))
	}
}
