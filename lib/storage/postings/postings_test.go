package postings

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/walk"
)

// randomBytes returns n × d random numbers of type uint8.
func randomBytes(n, d int, seed uint64) ann.Coordinates {
	rng := rand.New(rand.NewPCG(seed, 1))
	c := ann.Coordinates{N: n, D: d, Bytes: make([]uint8, n*d)}
	for i := range c.Bytes {
		c.Bytes[i] = uint8(rng.Uint32())
	}
	return c
}

// randomFloats returns n × d normally distributed numbers of type float32.
func randomFloats(n, d int, seed uint64) ann.Coordinates {
	rng := rand.New(rand.NewPCG(seed, 2))
	c := ann.Coordinates{N: n, D: d, Floats: make([]float32, n*d)}
	for i := range c.Floats {
		c.Floats[i] = float32(rng.NormFloat64())
	}
	return c
}

// inPages returns a layout of n vectors, in random order, in units of at most most vectors.
func inPages(n, most int) layout.Layout {
	var units [][]int32
	for ids := range slices.Chunk(shuffled(n), most) {
		units = append(units, ids)
	}
	return layout.New(units)
}

// inClusters returns a layout of n vectors in clusters of random size. Every tenth vector has a copy, and one cluster is empty.
func inClusters(n, clusters int) layout.Layout {
	rng := rand.New(rand.NewPCG(7, 7))
	units := make([][]int32, clusters)
	for _, id := range shuffled(n) {
		u := int(float64(clusters-1) * rng.Float64() * rng.Float64())
		units[u] = append(units[u], id)
		if id%10 == 0 {
			units[(u+1)%(clusters-1)] = append(units[(u+1)%(clusters-1)], id)
		}
	}
	return layout.New(units)
}

func shuffled(n int) []int32 {
	ids := make([]int32, n)
	for i, id := range rand.New(rand.NewPCG(3, 3)).Perm(n) {
		ids[i] = int32(id)
	}
	return ids
}

// created writes a file and returns its path.
func created(t testing.TB, base ann.Coordinates, l layout.Layout) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vectors.postings")
	if err := Create(context.Background(), path, base, l, CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return path
}

// opened opens a file until the test ends.
func opened(t testing.TB, path string, o Options) *File {
	t.Helper()
	f, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// all returns the numbers 0 … n−1.
func all(n int) []int32 {
	units := make([]int32, n)
	for i := range units {
		units[i] = int32(i)
	}
	return units
}

// files lists bases and layouts of every kind: units of one page, units of the same number of pages, and units of different
// sizes with an index.
var files = []struct {
	name    string
	base    ann.Coordinates
	layout  layout.Layout
	indexed bool
}{
	{"uint8 pages", randomBytes(2000, 128, 1), inPages(2000, 31), false},
	{"uint8 clusters", randomBytes(2000, 128, 1), inClusters(2000, 20), true},
	{"float32 pages", randomFloats(1000, 50, 2), inPages(1000, 20), false},
	{"float32 clusters", randomFloats(1000, 50, 2), inClusters(1000, 9), true},
	{"float32 of several pages", randomFloats(100, 2048, 3), inPages(100, 1), false},
	{"uint8 of one number", randomBytes(3000, 1, 4), inPages(3000, 818), false},
	{"one vector", randomBytes(1, 3, 5), inPages(1, 1), false},
	{"one large cluster", randomBytes(9000, 128, 6), inPages(9000, 9000), false},
	{"float32 of an odd number of bytes", randomFloats(500, 3, 7), inClusters(500, 4), true},
}

// Every unit has the IDs of the layout and the vectors of the base, whatever the order in which units are read.
func TestRoundTrip(t *testing.T) {
	for _, c := range files {
		for _, access := range []Access{Auto, Evicted, Cached} {
			t.Run(fmt.Sprint(c.name, access), func(t *testing.T) {
				f := opened(t, created(t, c.base, c.layout), Options{Access: access, Depth: 3})
				want := Shape{
					N: c.base.N, D: c.base.D, Width: c.base.Width(), Units: c.layout.Units(), Stored: len(c.layout.IDs),
					Pages: f.Pages, Base: Hash(c.base), Layout: hashLayout(c.layout),
				}
				if f.Shape != want || (f.MemoryBytes() > 0) != c.indexed {
					t.Errorf("%+v, %d bytes in memory, want %+v", f.Shape, f.MemoryBytes(), want)
				}
				for _, order := range [][]int32{all(f.Units), shuffled(f.Units), {0, 0}, {}} {
					checkUnits(t, f, c.base, c.layout, order)
				}
			})
		}
	}
}

// checkUnits reads units and compares them with the base and the layout, and the cost with what was visited.
func checkUnits(t *testing.T, f *File, base ann.Coordinates, l layout.Layout, units []int32) {
	t.Helper()
	var cost Cost
	var seen []int32
	vectors, pages := 0, 0
	err := f.Read(t.Context(), units, &cost, func(u walk.Unit) error {
		seen = append(seen, u.Number)
		vectors += len(u.IDs)
		pages += f.UnitPages(u.Number)
		if !slices.Equal(u.IDs, l.Unit(int(u.Number))) {
			return fmt.Errorf("unit %d: IDs %v", u.Number, u.IDs)
		}
		want, err := base.Subset(u.IDs)
		same := u.Vectors.N == want.N && slices.Equal(u.Vectors.Bytes, want.Bytes) && slices.Equal(u.Vectors.Floats, want.Floats)
		if err == nil && !same {
			err = fmt.Errorf("unit %d: other vectors", u.Number)
		}
		return err
	})
	if err != nil || !slices.Equal(seen, units) {
		t.Errorf("read %v of %v: %v", seen, units, err)
	}
	if len(units) == f.Units && cost.Pages != f.Pages || cost.Pages > int64(pages) || cost.Vectors != int64(vectors) ||
		cost.Units != int64(len(units)) {
		t.Errorf("%+v for %d vectors in %d pages", cost, vectors, pages)
	}
	if cost.Bytes() != 4096*cost.Pages || (len(units) > 0) != (cost.Reads > 0) || cost.Read < 0 || cost.Compute < 0 {
		t.Errorf("cost %+v", cost)
	}
}

// The numbers were computed by hand: 4 + count·(4 + d·width) bytes.
func TestPagesOfAUnit(t *testing.T) {
	for _, c := range []struct{ d, width, perPage int }{
		{128, 1, 31}, {128, 4, 7}, {96, 4, 10}, {50, 4, 20}, {1, 1, 818}, {4088, 1, 1}, {4089, 1, 0}, {2048, 4, 0},
	} {
		if got := PerPage(c.d, c.width); got != c.perPage {
			t.Errorf("%d numbers of %d bytes: %d a page, want %d", c.d, c.width, got, c.perPage)
		}
	}
	for _, c := range []struct{ count, d, width, pages int }{
		{0, 128, 1, 1}, {1, 128, 1, 1}, {31, 128, 1, 1}, {32, 128, 1, 2}, {62, 128, 1, 2}, {93, 128, 1, 3}, {1, 2048, 4, 3},
	} {
		if got := Pages(c.count, c.d, c.width); got != c.pages {
			t.Errorf("%d vectors of %d × %d bytes: %d pages, want %d", c.count, c.d, c.width, got, c.pages)
		}
	}
}

// Adjacent units are one read, up to 256 KiB, whatever their order in the list.
func TestAdjacentUnitsAreOneRead(t *testing.T) {
	f := opened(t, created(t, randomBytes(31*300, 128, 1), inPages(31*300, 31)), Options{})
	for _, c := range []struct {
		units        []int32
		reads, pages int64
	}{
		{[]int32{5}, 1, 1}, {[]int32{5, 6, 7}, 1, 3}, {[]int32{7, 5, 6}, 1, 3}, {[]int32{7, 5, 3}, 3, 3}, {[]int32{1, 9, 2, 8}, 2, 4},
		{[]int32{4, 4, 5}, 1, 2}, {all(64), 1, 64}, {all(65), 2, 65}, {all(300), 5, 300},
	} {
		var cost Cost
		err := f.Read(t.Context(), c.units, &cost, func(walk.Unit) error { return nil })
		if err != nil || cost.Reads != c.reads || cost.Pages != c.pages {
			t.Errorf("%v: %d reads of %d pages (%v), want %d of %d", c.units, cost.Reads, cost.Pages, err, c.reads, c.pages)
		}
	}
}

// NumPy reads the files by their description.
func TestNumPyReadsTheFile(t *testing.T) {
	if !testkit.HasPeers(t, "that NumPy reads the files") {
		return
	}
	for _, c := range files[:5] {
		raw, err := binary.Append(c.base.Bytes, binary.LittleEndian, c.base.Floats)
		if err != nil {
			t.Fatal(err)
		}
		shape := []string{strconv.Itoa(c.base.N), strconv.Itoa(c.base.D), strconv.Itoa(c.base.Width())}
		printed := testkit.Python(t, "postings_file.py", append([]string{created(t, c.base, c.layout), scratch(t, raw)}, shape...)...)
		var units [][]int32
		if err := json.Unmarshal(printed, &units); err != nil {
			t.Fatal(err)
		}
		if got := layout.New(units); !slices.Equal(got.Starts, c.layout.Starts) || !slices.Equal(got.IDs, c.layout.IDs) {
			t.Errorf("%s: NumPy reads other units", c.name)
		}
	}
}

// Equal input gives equal bytes.
func TestCreateIsDeterministic(t *testing.T) {
	var before []byte
	for range 2 {
		now, err := os.ReadFile(created(t, files[1].base, files[1].layout))
		if err != nil || before != nil && !slices.Equal(before, now) {
			t.Errorf("the file differs (%v)", err)
		}
		before = now
	}
}

func TestBadBase(t *testing.T) {
	nan := randomFloats(10, 4, 1)
	nan.Floats[13] = float32(math.NaN())
	short := randomBytes(10, 4, 1)
	short.Bytes = short.Bytes[:39]
	path := filepath.Join(t.TempDir(), "vectors")
	for want, c := range map[string]struct {
		base   ann.Coordinates
		layout layout.Layout
	}{
		"row 3, column 1 is NaN":      {nan, inPages(10, 4)},
		"39 numbers do not make":      {short, inPages(10, 4)},
		"vector 9 is in no unit":      {randomBytes(10, 4, 1), inPages(9, 4)},
		"unit 0 holds vector 10":      {randomBytes(10, 4, 1), layout.New([][]int32{{10}})},
		"both sides must be at least": {ann.Coordinates{}, layout.New(nil)},
	} {
		err := Create(t.Context(), path, c.base, c.layout, CreateOptions{})
		if wantError(t, want, err, want); len(entries(t, filepath.Dir(path))) != 0 {
			t.Errorf("%s: the folder is not empty", want)
		}
	}
}
