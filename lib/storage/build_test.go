package storage

import (
	"context"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/stop"
)

// Every way builds an index whose searches return, in all units, the exact neighbours, and on the queries that calibrated it
// exactly the recall and the costs of the calibration. The files do not depend on the number of workers.
func TestWays(t *testing.T) {
	for _, way := range Ways {
		for _, floats := range []bool{false, true} {
			if way.Key == networkWay.Key && floats {
				continue // the network trains on float32 anyway, for seconds
			}
			o := options(t, floats)
			o.Way = way.Key
			t.Run(way.Key+map[bool]string{false: " uint8", true: " float32"}[floats], func(t *testing.T) {
				d := built(t, o)
				x := opened(t, o.Out)
				checkExact(t, x, o.Base)
				checkCalibration(t, x, o)
				checkMemory(t, x, way, o)
				if held := o.Learn.N / 5; d.Calibrated != held || d.Learn != o.Learn.N-held || d.Stored < d.N || d.MemoryBytes < 1 {
					t.Errorf("%+v", d)
				}
				if floats {
					return
				}
				want := files(t, o.Out)
				o.Out += "-again"
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
				built(t, o)
				wantFiles(t, "on one core", o.Out, want)
			})
		}
	}
}

// checkExact compares searches of all units with a search of the base.
func checkExact(t *testing.T, x *Index, base ann.Coordinates) {
	queries := clustered(20, base.D, base.Bytes == nil, 5)
	row := make([]float32, base.D)
	for _, k := range []int{1, 7, 500, base.N} {
		s, err := x.NewSearcher(k, stop.Fixed, float64(x.Units))
		if err != nil {
			t.Fatal(err)
		}
		for q := range queries.N {
			got, err := s.Search(context.Background(), ann.Query{Vector: queries.Row(q, row)})
			if err != nil || len(got) != k {
				t.Fatalf("k = %d: %d neighbours, %v", k, len(got), err)
			}
			for i, n := range sorted(base, queries, q)[:k] {
				if got[i].ID != n.id || got[i].Distance != float32(math.Sqrt(n.squared)) {
					t.Fatalf("k = %d, query %d, neighbour %d: %+v, want %+v", k, q, i, got[i], n)
				}
			}
		}
		if want := int64(x.Stored * queries.N); s.Cost.Vectors != want {
			t.Errorf("k = %d: %d vectors in all units, want %d", k, s.Cost.Vectors, want)
		}
	}
}

// checkMemory compares the memory with that of the parts, computed from the layout without the file.
func checkMemory(t *testing.T, x *Index, way Way, o Options) {
	if way.Key == networkWay.Key {
		return // which takes seconds to train
	}
	l, units, err := Units(context.Background(), way, o, o.Learn.Slice(0, x.Learn), "")
	if err != nil {
		t.Fatal(err)
	}
	if want := units.MemoryBytes() + PositionBytes(o.Base, l); x.MemoryBytes != want || len(l.IDs) != x.Stored {
		t.Errorf("%d bytes in memory, want %d", x.MemoryBytes, want)
	}
}

// checkCalibration searches for the queries that calibrated the index, and for fresh ones.
func checkCalibration(t *testing.T, x *Index, o Options) {
	held := o.Learn.Slice(o.Learn.N-x.Calibrated, o.Learn.N)
	for _, k := range o.Ks {
		for _, recall := range []float64{.5, .8, .95, 1} {
			_, e, err := x.Effort(k, recall)
			if err != nil {
				t.Fatal(err)
			}
			f := found(t, x, held, k, recall)
			got := recallOf(o.Base, held, f.IDs, k)
			if math.Abs(got-e.Recall) > 1e-9 || f.ExpectedRecall != e.Recall || got < recall {
				t.Errorf("k = %d: recall %v, expected %v of at least %v", k, got, f.ExpectedRecall, recall)
			}
			same := math.Abs(f.VectorsFetched-e.Vectors) < 1e-6 && math.Abs(f.Pages-e.Pages) < 1e-6
			if !same || f.BytesRead != 4096*f.Pages || f.Reads > f.Pages {
				t.Errorf("k = %d, recall %v: %v vectors and %v pages, calibrated %+v", k, recall, f.VectorsFetched, f.Pages, e)
			}
		}
	}
	// Of 400 queries and 100 that calibrated, the standard error of recall@1 is √(.95·.05·(1/400 + 1/100)) = .024.
	fresh := clustered(400, o.Base.D, o.Base.Bytes == nil, 6)
	if got := recallOf(o.Base, fresh, found(t, x, fresh, 1, .95).IDs, 1); got < .95-.075 {
		t.Errorf("recall %v of fresh queries, want .95", got)
	}
}

// bytesRead returns the bytes that this process has read from disks, by the kernel's count.
func bytesRead(t *testing.T) int64 {
	data, err := os.ReadFile("/proc/self/io")
	if err != nil {
		t.Skip(err)
	}
	_, after, _ := strings.Cut(string(data), "\nread_bytes: ")
	line, _, _ := strings.Cut(after, "\n")
	n, err := strconv.ParseInt(line, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The kernel counts the bytes that a search reports.
func TestBytesRead(t *testing.T) {
	o := options(t, true)
	built(t, o)
	x := opened(t, o.Out)
	if !strings.Contains(x.Mode(), "O_DIRECT") {
		t.Skip(x.Mode())
	}
	queries := clustered(50, o.Base.D, true, 5)
	found(t, x, queries, 10, .9) // reads the pages of the program as well
	before := bytesRead(t)
	f := found(t, x, queries, 10, .9)
	if read := float64(bytesRead(t) - before); read != f.BytesRead*50 || read == 0 {
		t.Errorf("the kernel read %v bytes, the search %v", read, f.BytesRead*50)
	}
}

// A query that is a base vector finds it, and of several equal vectors that with the lowest ID.
func TestBaseVectorsAreFound(t *testing.T) {
	o := options(t, false)
	copy(o.Base.Bytes[1500*dimensions:], o.Base.Bytes[:30*dimensions])
	built(t, o)
	f := found(t, opened(t, o.Out), o.Base, 1, .95)
	vector := func(id int) []uint8 { return o.Base.Bytes[id*dimensions : (id+1)*dimensions] }
	for q, ids := range f.IDs {
		want := q
		if q >= 1500 && q < 1530 {
			want = q - 1500
		}
		if got := int(ids[0]); f.Distances[q][0] != 0 || got != want && !slices.Equal(vector(q), vector(got)) {
			t.Fatalf("query %d: %v at %v, want %d", q, ids, f.Distances[q], want)
		}
	}
}

// For a k that is not calibrated, a search returns the first of a larger k. For one above all it is an error.
func TestOtherK(t *testing.T) {
	o := options(t, false)
	built(t, o)
	x := opened(t, o.Out)
	queries := clustered(50, dimensions, false, 5)
	want := found(t, x, queries, 10, .9)
	got := found(t, x, queries, 4, .9)
	for q := range got.IDs {
		if !slices.Equal(got.IDs[q], want.IDs[q][:4]) || !slices.Equal(got.Distances[q], want.Distances[q][:4]) {
			t.Fatalf("query %d: %v, want the first of %v", q, got.IDs[q], want.IDs[q])
		}
	}
	if got.VectorsFetched != want.VectorsFetched || got.ExpectedRecall != want.ExpectedRecall {
		t.Errorf("%v vectors, want %v", got.VectorsFetched, want.VectorsFetched)
	}
}

// A search reads on until it has found k neighbours.
func TestSmallUnits(t *testing.T) {
	o := options(t, false)
	o.Base, o.Clusters, o.Ks = o.Base.Slice(0, 300), 150, []int{40, 300}
	built(t, o)
	x := opened(t, o.Out)
	f := found(t, x, clustered(30, dimensions, false, 5), 40, .01)
	for q, ids := range f.IDs {
		if len(ids) != 40 {
			t.Errorf("query %d: %d neighbours", q, len(ids))
		}
	}
	if f = found(t, x, clustered(5, dimensions, false, 5), 300, .5); f.VectorsFetched != 300 || f.ExpectedRecall != 1 {
		t.Errorf("%v of all 300 vectors, recall %v", f.VectorsFetched, f.ExpectedRecall)
	}
}
