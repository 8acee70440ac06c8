package advise

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"anncapacity/lib/ann"
)

// With one graph, advise allocates for each further vector at most what vectorBytes counts for it without the vector itself, and
// not much less: what it allocates bounds the growth of its peak memory, by which it checks -memory. The memory of codes, which are
// not on Go's heap, is counted, but not allocated for this graph.
func TestMemoryForEachVector(t *testing.T) {
	const few, many, d, m = 20_000, 40_000, 32, 8
	const hashedBytes = 16 + 8 // of findCopies and the lengths, which are garbage before the first graph
	options := func(n int) Options {
		rng := rand.New(rand.NewPCG(1, 2))
		v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
		for i := range v.Data {
			v.Data[i] = rng.Float32()
		}
		return Options{Name: "x", Base: v, Queries: ann.Vectors{N: 200, D: d, Data: v.Data[:200*d]}, K: []int{10}, M: []int{m},
			EfConstruction: []int{20}, Recall: .5, Share: .5, Builds: 1}
	}
	allocated := func(o Options) float64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	less, more := options(few), options(many)
	allocated(less) // allocates what all later searches share
	perVector := (allocated(more) - allocated(less)) / (many - few)
	counted := float64(more.vectorBytes()-less.vectorBytes())/(many-few) - 4*d
	t.Logf("%.0f bytes for each vector, %.0f are counted", perVector, counted)
	if perVector < .5*counted || perVector > counted+hashedBytes {
		t.Errorf("%.0f bytes for each vector, but %.0f are counted", perVector, counted)
	}
}
