package embedding

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// npyCase is the description of a file by environment/peers/npy_grid.py.
type npyCase struct {
	Name, Says, Numpy, Type string
	Read                    bool // whether NumPy reads an n × d matrix of real numbers that are finite as float32
	Shape                   []int
	Inexact, Rest           int
}

// readUnlikeNumPy lists header spellings that NumPy reads, no known writer produces and this reader rejects: comments,
// escapes, adjacent strings and alternative names of types.
var readUnlikeNumPy = map[string]bool{
	"rare-comment": true, "rare-newline-first": true, "rare-form-feed": true, "rare-parentheses": true, "rare-escape": true, "rare-adjacent": true, "rare-triple": true,
	"rare-raw": true, "rare-continuation": true, "rare-long-space": true, "rare-native-name": true, "rare-platform-code": true, "rare-float": true, "rare-tuple-descr": true,
	"damage-161": true /* '3>i4' */, "damage-240": true /* a comment */, "damage-436": true, /* '<f04' */
}

// Of 1263 files, whole and damaged (seed 1), every one is read as numpy.load reads it, bit for bit as float32, or is refused
// with a reason; none is read that NumPy refuses, and no header makes the reader take more memory than a small multiple of the file.
func TestNPYAsNumPyReadsIt(t *testing.T) { testkit.EachPeers(t, testNPYAsNumPyReadsIt) }

func testNPYAsNumPyReadsIt(t *testing.T, peers testkit.Peers) {
	dir := t.TempDir()
	var cases []npyCase
	if err := json.Unmarshal(peers.Ask(t, testkit.Question{Name: "npy_grid", Folder: dir, Script: "npy_grid.py", Args: []string{"."}, Largest: 6_000}), &cases); err != nil {
		t.Fatal(err)
	}
	read, outcome := 0, map[string]bool{}
	for _, c := range cases {
		if _, err := os.Stat(filepath.Join(dir, c.Name) + ".npy"); err != nil && !peers.Live {
			continue // too large to be committed
		}
		if c.Read {
			read++
		}
		outcome[c.Name] = compareWithNumPy(t, filepath.Join(dir, c.Name), c) == nil
	}
	checkFormatsPage(t, peers, "npy_grid.py", outcome)
	if len(cases) < 1200 || read < 300 {
		t.Errorf("%d files, NumPy reads %d: the grid is not what it was", len(cases), read)
	}
}

// compareWithNumPy compares the result of Open with NumPy's and returns the error of a rejected file.
func compareWithNumPy(t *testing.T, path string, c npyCase) error {
	t.Helper()
	var notes strings.Builder
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	v, err := OpenReporting(path+".npy", &notes)
	runtime.ReadMemStats(&after)
	checkRanges(t, path+".npy", v, err)
	if info, _ := os.Stat(path + ".npy"); after.TotalAlloc-before.TotalAlloc > uint64(100_000+30*info.Size()) {
		t.Errorf("%s: %d bytes allocated for a file of %d", c.Name, after.TotalAlloc-before.TotalAlloc, info.Size())
	}
	switch {
	case err != nil:
		checkRefusal(t, c, err)
	case !c.Read:
		t.Errorf("%s: read as %d × %d; NumPy: %s", c.Name, v.N, v.D, c.Numpy)
	default:
		checkNumbers(t, path, c, v)
		checkNotes(t, c, notes.String())
	}
	return err
}

func checkRefusal(t *testing.T, c npyCase, err error) {
	t.Helper()
	if c.Read && !readUnlikeNumPy[c.Name] {
		t.Errorf("%s: NumPy reads it: %v", c.Name, err)
	}
	text := err.Error()
	if !strings.Contains(text, c.Name+".npy: ") || !strings.Contains(text, c.Says) && !c.Read || strings.Contains(text, "runtime error") || len(text) > 1000 {
		t.Errorf("%s: %v; want %q", c.Name, err, c.Says)
	}
}

func checkNumbers(t *testing.T, path string, c npyCase, v ann.Vectors) {
	t.Helper()
	want, err := os.ReadFile(path + ".f4")
	if err != nil {
		t.Fatal(err)
	}
	got, _ := binary.Append(nil, binary.NativeEndian, v.Data)
	if v.N != c.Shape[0] || v.D != c.Shape[1] || !bytes.Equal(got, want) {
		t.Errorf("%s: %d × %d %v; NumPy reads other numbers, %v", c.Name, v.N, v.D, v.Data[:min(8, len(v.Data))], c.Shape)
	}
}

// checkNotes checks that the notes report a conversion with the number of rounded values, as counted by Python, and the
// bytes that were not read.
func checkNotes(t *testing.T, c npyCase, notes string) {
	t.Helper()
	var want []string
	if c.Rest > 0 {
		want = append(want, fmt.Sprintf("%d bytes after the data are not read", c.Rest))
	}
	if c.Type != "float32" && c.Inexact == 0 {
		want = append(want, c.Type+" converted to float32, every value exactly")
	} else if c.Type != "float32" {
		want = append(want, fmt.Sprintf("%s converted to float32: %d of %d values", c.Type, c.Inexact, c.Shape[0]*c.Shape[1]))
	}
	if strings.Count(notes, "\n") != len(want) {
		t.Errorf("%s: notes %q, want %q", c.Name, notes, want)
	}
	for _, line := range want {
		if !strings.Contains(notes, c.Name+".npy: "+line) {
			t.Errorf("%s: notes %q, want %q", c.Name, notes, line)
		}
	}
}

// The largest 64-bit integers are not float32 numbers, also on machines whose conversion of 2^63 saturates.
func TestLargestIntegersAreInexact(t *testing.T) {
	var m numbers
	appendNumbers(&m, []int64{math.MaxInt64, math.MinInt64, 1 << 62})
	appendNumbers(&m, []uint64{math.MaxUint64, 1 << 63, 1<<63 + 1})
	if m.inexact != 3 {
		t.Errorf("%d of %v are inexact, want 3", m.inexact, m.data)
	}
}

// FuzzNPY checks that any bytes give an error or a complete matrix of finite numbers that fits into the file.
func FuzzNPY(f *testing.F) {
	for _, header := range []string{
		"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }\n", `{"shape":(1,1),"fortran_order":True,"descr":">f8"}`, "{u'descr': '|b1', 'fortran_order': False, 'shape': (8L, 0x1)}",
	} {
		f.Add(uint8(1), header, []byte{0, 0, 0, 63, 0, 0, 0, 64})
	}
	f.Add(uint8(3), "{'descr': [('é', '<f4')], 'fortran_order': None, 'shape': (-1, [2], ())}", []byte{})
	f.Fuzz(func(t *testing.T, version uint8, header string, data []byte) {
		file := append([]byte(npyMagic), version, 0, byte(len(header)), byte(len(header)>>8))
		if version != 1 {
			file = append(file, byte(len(header)>>16), byte(len(header)>>24))
		}
		path := filepath.Join(t.TempDir(), "e.npy")
		if err := os.WriteFile(path, append(append(file, header...), data...), 0o644); err != nil {
			t.Fatal(err)
		}
		v, err := Open(path)
		if err != nil {
			if strings.Contains(err.Error(), "runtime error") {
				t.Error(err)
			}
			return
		}
		if _, err := ann.NewVectors(v.N, v.D, v.Data); err != nil || len(v.Data) > len(data) {
			t.Errorf("%d × %d of %d bytes: %v", v.N, v.D, len(data), err)
		}
	})
}
