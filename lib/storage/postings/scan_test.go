package postings

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/storage/walk"
)

// scanned returns the k nearest vectors of a query in all units of a file.
func scanned(t testing.TB, f *File, s *walk.Scan, q ann.Query) ann.Neighbors {
	t.Helper()
	if err := s.Reset(q); err != nil {
		t.Fatal(err)
	}
	err := f.Read(t.Context(), shuffled(f.Units), new(Cost), func(u walk.Unit) error { s.Add(u); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return s.Append(nil)
}

// bruteForce returns the k nearest vectors of a query by distances in double precision.
func bruteForce(base ann.Coordinates, query []float32, k int, skip int32) ann.Neighbors {
	type pair struct {
		squared float64
		id      int32
	}
	var pairs []pair
	row := make([]float32, base.D)
	for i := range base.N {
		p := pair{id: int32(i)}
		for j, x := range base.Row(i, row) {
			d := float64(x) - float64(query[j])
			p.squared += d * d
		}
		if p.id != skip {
			pairs = append(pairs, p)
		}
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		switch {
		case a.squared < b.squared:
			return -1
		case a.squared > b.squared:
			return 1
		}
		return 0
	})
	var list ann.Neighbors
	for _, p := range pairs[:min(k, len(pairs))] {
		list = append(list, ann.Neighbor{ID: p.id, Distance: float32(math.Sqrt(p.squared))})
	}
	return list
}

// A scan of all units finds the exact neighbours, each once, of whole and of other queries, and the k beyond the number of vectors
// gives all of them.
func TestScanOfAllUnitsIsExact(t *testing.T) {
	for _, c := range files {
		f := opened(t, created(t, c.base, c.layout), Options{})
		noise := randomFloats(8, c.base.D, 9)
		for i := range 8 {
			query := slices.Clone(c.base.Row(i*(c.base.N-1)/7, make([]float32, c.base.D)))
			if i >= 4 {
				for j := range query {
					query[j] += noise.Floats[i*c.base.D+j]
				}
			}
			truth := bruteForce(c.base, query, c.base.N, -1)
			for _, k := range []int{1, 10, c.base.N + 5} {
				s, err := walk.NewScan(c.base.D, k)
				if err != nil {
					t.Fatal(err)
				}
				got, want := scanned(t, f, s, ann.Query{Vector: query}), truth[:min(k, c.base.N)]
				if !slices.Equal(got, want) {
					t.Errorf("%s: query %d, k = %d: %v, want %v", c.name, i, k, got[:min(5, len(got))], want[:min(5, len(want))])
				}
			}
		}
	}
}

// NumPy computes the neighbours in extended precision.
func TestScanAgainstNumPy(t *testing.T) {
	if !testkit.HasPeers(t, "the neighbours by NumPy in extended precision") {
		return
	}
	const places, step = 20, 40
	folder := t.TempDir()
	cases := ""
	for i, c := range files[:5] {
		cases += fmt.Sprintf("%d %d %d euclidean %d\n", i, c.base.N, c.base.D, step)
		data, _ := binary.Append(nil, binary.LittleEndian, c.base.Vectors().Data)
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprint(i, ".f32")), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, "cases.txt"), []byte(cases), 0o644); err != nil {
		t.Fatal(err)
	}
	testkit.Python(t, "exact_truth.py", folder, fmt.Sprint(places))
	for i, c := range files[:5] {
		f := opened(t, created(t, c.base, c.layout), Options{})
		data, err := os.ReadFile(filepath.Join(folder, fmt.Sprint(i, "_ids.i32")))
		if err != nil {
			t.Fatal(err)
		}
		want := make([]int32, len(data)/4)
		binary.Decode(data, binary.LittleEndian, want)
		s, err := walk.NewScan(c.base.D, places)
		if err != nil || len(want) != places*((c.base.N+step-1)/step) {
			t.Fatal(err, len(want))
		}
		for q := 0; q < c.base.N; q += step {
			got := scanned(t, f, s, ann.Query{Vector: c.base.Row(q, make([]float32, c.base.D))})
			for place, n := range got {
				if n.ID != want[q/step*places+place] {
					t.Errorf("%s: query %d, place %d: %d, want %d", c.name, q, place, n.ID, want[q/step*places+place])
				}
			}
		}
	}
}

// A query that is an indexed point is not in its result, and other points that equal it are.
func TestScanLeavesOutTheQuery(t *testing.T) {
	base := randomBytes(200, 8, 1)
	copy(base.Bytes[50*8:51*8], base.Bytes[20*8:21*8])
	f := opened(t, created(t, base, inClusters(200, 4)), Options{})
	s, _ := walk.NewScan(8, 5)
	got := scanned(t, f, s, ann.Point(base.Vectors(), 20))
	want := bruteForce(base, base.Vectors().Row(20), 5, 20)
	if !slices.Equal(got, want) || got[0] != (ann.Neighbor{ID: 50}) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Add returns how many vectors entered the result.
func TestAddCounts(t *testing.T) {
	s, _ := walk.NewScan(1, 2)
	if err := s.Reset(ann.Query{Vector: []float32{0}}); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		ids     []int32
		x       []uint8
		entered int
		best    []int32
	}{
		{[]int32{4}, []uint8{9}, 1, []int32{4}},
		{[]int32{4, 5}, []uint8{9, 9}, 1, []int32{4, 5}}, // 4 is a copy
		{[]int32{6, 3}, []uint8{9, 9}, 1, []int32{3, 4}}, // ties by ID
		{[]int32{8, 7}, []uint8{10, 255}, 0, []int32{3, 4}},
		{[]int32{10, 9, 3}, []uint8{2, 1, 9}, 2, []int32{9, 10}},
		{nil, []uint8{}, 0, []int32{9, 10}},
	} {
		n := s.Add(walk.Unit{IDs: c.ids, Vectors: ann.Coordinates{N: len(c.x), D: 1, Bytes: c.x}})
		var ids []int32
		for _, found := range s.Append(nil) {
			ids = append(ids, found.ID)
		}
		if n != c.entered || !slices.Equal(ids, c.best) {
			t.Errorf("unit %d: %d entered, %v, want %d, %v", i, n, ids, c.entered, c.best)
		}
	}
}

// Squared distances outside of float32 and beyond 2²⁴ are ordered right.
func TestScanOfExtremeDistances(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for _, scale := range []float32{1e-30, 1e-22, 1, 1e15, 1e19, 3e37} {
		base := randomFloats(300, 6, 5)
		for i := range base.Floats {
			base.Floats[i] *= scale
		}
		checkAdded(t, base, base.Row(rng.IntN(300), nil))
	}
	wide := randomBytes(50, 5000, 1) // 300 M between two
	for i := range wide.Bytes {
		wide.Bytes[i] = 200*(wide.Bytes[i]&1) + wide.Bytes[i]>>7
	}
	checkAdded(t, wide, make([]float32, 5000))
	half := make([]float32, 5000)
	half[0] = .5
	checkAdded(t, wide, half)
}

func checkAdded(t *testing.T, base ann.Coordinates, query []float32) {
	t.Helper()
	s, _ := walk.NewScan(base.D, 20)
	if err := s.Reset(ann.Query{Vector: query}); err != nil {
		t.Fatal(err)
	}
	s.Add(walk.Unit{IDs: all(base.N), Vectors: base})
	if got, want := s.Append(nil), bruteForce(base, query, 20, -1); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestBadScans(t *testing.T) {
	for _, c := range [][2]int{{0, 1}, {1, 0}, {-1, 5}} {
		_, err := walk.NewScan(c[0], c[1])
		wantError(t, fmt.Sprint(c), err, "must be at least 1")
	}
	s, _ := walk.NewScan(2, 1)
	for want, q := range map[string][]float32{
		"has 1 dimensions, not 2":       {1},
		"number 1 of the query is NaN":  {1, float32(math.NaN())},
		"number 0 of the query is -Inf": {float32(math.Inf(-1)), 0},
	} {
		wantError(t, want, s.Reset(ann.Query{Vector: q}), want)
	}
}
