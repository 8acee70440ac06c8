package indexfile

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

func gaussian(n, d int, seed uint64) ann.Vectors {
	rng := rand.New(rand.NewPCG(seed, 0))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range v.Data {
		v.Data[i] = float32(rng.NormFloat64())
	}
	return v
}

// bytesOf returns the content of a committed file.
func bytesOf(t testing.TB, version, kind string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", version, kind+".index"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// readKind reads the bytes of an index file.
func readKind(data []byte, kind string) (*Index, error) {
	metric := metricOf(kind)
	return read(bytes.NewReader(data), int64(len(data)), Options{Dimensions: 3, Metric: &metric})
}

// A file that ends early or goes on is an error that says so, wherever it ends.
func TestTruncatedFiles(t *testing.T) {
	for _, c := range committed {
		data := bytesOf(t, c.version, c.kind)
		for n := range data {
			if _, err := readKind(data[:n], c.kind); err == nil {
				t.Errorf("%s: the first %d of %d bytes are read without an error", c.kind, n, len(data))
			}
		}
		_, err := readKind(append(bytes.Clone(data), 0), c.kind)
		testkit.WantMentions(t, c.kind+" with one more byte", err, "1 bytes are left")
	}
}

// damage is a change of a committed file: 32 or 64 bits at a byte, and what the error says.
type damage struct {
	at    int
	bits  int
	value uint64
	says  string
}

var huge = uint64(1 << 60)

// Each field is checked, and the error names it. The positions are those of the formats.
func TestDamagedFiles(t *testing.T) {
	matrix := 8 + 16*12 // of usearch
	graph := matrix + 64
	for i, damages := range map[int][]damage{
		0: {
			{0, 32, 0x704e4849, "IndexHNSWPQ"}, {4, 32, 0, "d = 0"}, {8, 64, 0, "ntotal = 0"}, {8, 64, huge, "ntotal"}, {33, 32,
				22, "metric_type = 22"},
			{37, 64, huge, "hnsw.assign_probas"}, {4, 32, 4, "storage: 16 × 3"}, {8, 64, 17, "hnsw.levels: 16 numbers for 17"},
		},
		1: {{0, 32, 0x544678_49, "none of them"}, {37, 32, 0x6c467749, "IndexIDMap2 of IndexIVFFlat"}, {8, 64, 15,
			"id_map has 16 IDs"}},
		2: {
			{0, 64, 1, "none of them"}, {16, 64, 0, "cur_element_count = 0"}, {16, 64, huge, "cur_element_count"}, {48, 32, 77,
				"maxlevel = 77"},
			{52, 32, 99, "enterpoint_node = 99"}, {56, 64, 3, "maxM = 3 and M = 2"}, {96, 32, 5, "5 links in 4 slots"}, {100,
				32, 99, "link to 99 of 16"},
		},
		6: {
			{0, 32, 15, "none of them"}, {matrix + 7, 32, 3, "version 2"}, {matrix + 13, 32, 'h', "kind_metric"}, {matrix + 14,
				32, 23, "kind_scalar = i8"},
			{matrix + 17, 64, 3, "count_present = 3"}, {matrix + 33, 64, 5, "dimensions = 5"}, {graph, 64, 17, "graph.size = 17"},
			{graph + 8, 64, huge, "graph.connectivity"}, {graph + 24, 64, 9, "graph.max_level = 9"}, {graph + 32, 64, 16,
				"graph.entry_slot = 16"},
		},
	} {
		c := committed[i]
		for _, d := range damages {
			data := bytesOf(t, c.version, c.kind)
			if d.bits == 32 {
				le.PutUint32(data[d.at:], uint32(d.value))
			} else {
				le.PutUint64(data[d.at:], d.value)
			}
			_, err := readKind(data, c.kind)
			testkit.WantMentions(t, c.kind+", byte "+strconv.Itoa(d.at), err, d.says)
		}
	}
}

// Errors name the file, and say which option is missing.
func TestOptions(t *testing.T) {
	path := filepath.Join("testdata", "hnswlib-0.3.2", "hnswlib-cosine.index")
	l2, cosine := ann.Euclidean, ann.Cosine
	for says, o := range map[string]Options{
		"12 bytes, which is 3 dimensions of float32": {Metric: &l2},
		"which is 3 dimensions":                      {Metric: &l2, Dimensions: 4},
		"coordinates are bytes":                      {Metric: &l2, Dimensions: 12},
		"l2, ip or cosine":                           {Dimensions: 3},
		"hnswlib":                                    {Dimensions: 3, Metric: &l2, Format: FAISS},
		"usearch":                                    {Dimensions: 3, Metric: &l2, Format: USearch},
		`format "annoy"`:                             {Format: "annoy"},
	} {
		_, err := Open(path, o)
		if says == "hnswlib" {
			says = "unknown class"
		}
		testkit.WantMentions(t, says, err, path, says)
	}
	_, err := Open(filepath.Join("testdata", "faiss-1.7.3", "faiss-ip-map2.index"), Options{Metric: &cosine})
	testkit.WantMentions(t, "cosine of vectors of other lengths", err, "faiss-ip-map2.index", "vectors of length 1")
	_, err = Open(filepath.Join("testdata", "faiss-1.5.3", "faiss-l2.index"), Options{Metric: &cosine})
	testkit.WantMentions(t, "cosine of L2", err, "euclidean", "cosine")
	_, err = Open(filepath.Join("testdata", "faiss-1.5.3", "faiss-l2.index"), Options{Dimensions: 7})
	testkit.WantMentions(t, "7 dimensions", err, "3 dimensions, not 7")
	_, err = Open(os.DevNull, Options{})
	testkit.WantMentions(t, "a device", err, "not a regular file")
}

// IDs of each library, with negative and sparse ones.
func TestIDs(t *testing.T) {
	want := []string{"3", "-479", "10", "10", "13", "13", "13"}
	for i, c := range committed {
		x, err := readKind(bytesOf(t, c.version, c.kind), c.kind)
		if err != nil {
			t.Fatal(err)
		}
		if got := x.ID(3); got != want[i] {
			t.Errorf("%s: node 3 has the ID %s, want %s", c.kind, got, want[i])
		}
		rows := x.Rows(100)
		if i == 1 != (rows == nil) || rows != nil && strconv.Itoa(int(rows[3])) != want[i] {
			t.Errorf("%s: rows %v", c.kind, rows)
		}
	}
}

// Every float of 16 bits has the value of its definition, and is nearest to itself; others round to the nearest.
func TestHalf(t *testing.T) {
	for bits := range 1 << 16 {
		h := uint16(bits)
		x := half(h)
		sign, exponent, fraction := 1-2*float64(h>>15), int(h>>10&31), float64(h&1023)/1024
		want := sign * math.Ldexp(1+fraction, exponent-15)
		switch {
		case exponent == 31:
			continue
		case exponent == 0:
			want = sign * math.Ldexp(fraction, -14)
		}
		if float64(x) != want || toHalf(x) != h {
			t.Fatalf("%#04x: %v, want %v; back %#04x", h, x, want, toHalf(x))
		}
		if exponent < 30 && h>>15 == 0 {
			next := half(h + 1)
			if low, high := (3*x+next)/4, (x+3*next)/4; toHalf(low) != h || toHalf(high) != h+1 {
				t.Fatalf("%v and %v between %v and %v: %v and %v", low, high, x, next, half(toHalf(low)), half(toHalf(high)))
			}
		}
	}
	if got := roundBrain(1 + 3./256); got != 1+4./256 {
		t.Errorf("1 + 3/256 becomes %v", got)
	}
	if !strings.Contains(scalarName(99, false), "99") {
		t.Error("an unknown type has a name")
	}
}
