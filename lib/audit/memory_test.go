package audit

import (
	"runtime"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/indexfile"
)

// An audit allocates, for each further vector, at most the size of a vector and 96 bytes of lists of nodes, in addition to
// the vectors and the graph that its caller holds. This bounds the growth of its peak memory.
func TestMemoryForEachVector(t *testing.T) {
	const few, many, d = 20_000, 40_000, 32
	allocated := func(n int) float64 {
		v := clusters(n, d, 1)
		o := Options{Index: indexOf(t, v, indexfile.FAISS, ann.Euclidean, 0), Name: "x", Base: v, BaseName: "base",
			Queries: clusters(20, d, 2), QueriesName: "queries", K: []int{10}, EfSearch: []int{16, 32}, Recall: .9}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	allocated(few) // allocates what all later searches share
	perVector := (allocated(many) - allocated(few)) / (many - few)
	t.Logf("%.0f bytes for each vector of %d bytes", perVector, 4*d)
	if perVector < 4 || perVector > 4*d+96 {
		t.Errorf("%.0f bytes for each vector of %d bytes, must be at most the vector and 96 bytes", perVector, 4*d)
	}
}
