package indexfile

import (
	"bytes"
	"runtime"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

// FuzzRead changes index files. A reader returns an error or an index that can be searched; it does not panic, and it does not
// allocate more than a multiple of the size of the file.
func FuzzRead(f *testing.F) {
	for i, c := range committed {
		f.Add(bytesOf(f, c.version, c.kind), uint8(i))
	}
	f.Fuzz(func(t *testing.T, data []byte, option uint8) {
		metric := ann.Metrics[int(option)%len(ann.Metrics)]
		o := Options{Dimensions: 3, Metric: &metric}
		if option >= 128 {
			o.Format, o.Metric = Formats[int(option)%len(Formats)], nil
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		x, err := read(bytes.NewReader(data), int64(len(data)), o)
		runtime.ReadMemStats(&after)
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > largestAllocation(data) {
			t.Errorf("%d bytes allocated for a file of %d", allocated, len(data))
		}
		if err == nil {
			searchOne(t, x)
		}
	})
}

// largestAllocation is a bound of what a reader may allocate, with a search: buffers, and a multiple of the size of the file.
func largestAllocation(data []byte) uint64 { return 1<<19 + 64*uint64(len(data)) }

// searchOne searches an index for its first vector. Lengths that float32 does not hold are an error, not a panic.
func searchOne(t *testing.T, x *Index) {
	t.Helper()
	x.ID(int32(x.Len() - 1))
	x.Rows(x.Len())
	space, err := x.Space()
	if err != nil {
		return
	}
	w, err := hnsw.NewBoundedWalker(x.Graph, space)
	if err != nil {
		return
	}
	if err := w.Exclude(x.Deleted); err != nil {
		t.Fatal(err)
	}
	query, err := x.Query(ann.Vectors{N: 1, D: x.Vectors.D, Data: x.Vectors.Row(0)})
	if err != nil {
		return
	}
	if walk, err := w.Walk(ann.Query{Vector: query.Data}, 5); err == nil && walk.Visited(5) < 1 {
		t.Error("a walk visits no node")
	}
}
