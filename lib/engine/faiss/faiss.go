// Package faiss provides FAISS as engines: IndexFlat, IndexHNSWFlat with the bounded queue (the paper's engine) and without
// it, and IndexIVFFlat. It calls the Debian package through cgo and a small C++ shim. Builds with the tag faiss include it.
//
// Distances are FAISS's own: squared L2, or the inner product ⟨a, b⟩ (larger is nearer); for the cosine, a and b are
// normalized. Empty slots have FAISS's ID −1.
//
// Debian 12 has FAISS 1.7.3. After more than max(efSearch, k) points are visited, its bounded queue counts its elements
// incorrectly, and some searches end too early (fixed in 1.7.4, pull request 2771); graph_test.go counts these searches. Its
// search without the bounded queue ignores an IDSelector: it returns points that do not match, without an error.
//
// IndexHNSW deletes nothing, and IndexFlat gives the points behind a deleted one new IDs. Only IndexIVF is a Deleter.
package faiss

import (
	"context"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// kind is a class of FAISS, with the shim's number.
type kind int

const (
	flat kind = iota
	hnswBounded
	hnswUnbounded
	ivf
)

// Engines returns the four engines in the order of their kinds, whether or not this build includes them.
func Engines() []engine.Engine {
	all := []engine.Engine{
		flat: {
			Key: "faiss-flat", Name: "FAISS Flat", Deterministic: true,
			Policy: engine.Exact, Documented: "exact; IDs −1 behind the last point when k exceeds their number",
		},
		hnswBounded: {
			Key: "faiss-hnsw", Name: "FAISS HNSW", Effort: engine.FAISS.Effort, Bulk: true,
			Policy: engine.FAISS.Policy, Documented: engine.FAISS.Documented,
		},
		hnswUnbounded: {
			Key: "faiss-hnsw-unbounded", Name: "FAISS HNSW, unbounded queue", Effort: engine.FAISSUnbounded.Effort,
			Policy: engine.FAISSUnbounded.Policy, Documented: engine.FAISSUnbounded.Documented,
		},
		ivf: {
			Key: "faiss-ivf", Name: "FAISS IVF", Delete: "remove_ids: removed from the lists", Effort: "index.nprobe (lists, not points)",
			Policy: engine.Pads, Documented: "pads: reads efSearch lists (nprobe) of about √n/4 points each, missing slots are −1",
			Trial: engine.Trial{EfSearch: 5}, // five lists hold fewer points than the test requests
		},
	}
	for i := range all {
		e := &all[i]
		e.Family, e.Color, e.Metrics, e.Normalize = "FAISS", color.RGBA{0x00, 0x72, 0xb2, 255}, ann.Metrics, true
		e.Install = "apt-get install libfaiss-dev libopenblas-openmp-dev, then build or test with -tags faiss"
		e.Filter = "SearchParameters.sel, an IDSelector: tested during the search"
		if kind(i) == hnswUnbounded {
			e.Filter = "SearchParameters.sel, an IDSelector: ignored without an error"
		}
		e.Absent, e.Version = absent, version
		e.Open = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
			return open(ctx, base, o, kind(i))
		}
	}
	return all
}
