// Package faiss is FAISS as Debian packages it, through cgo and a thin C++ shim: IndexFlat, IndexHNSWFlat with the
// bounded queue (the paper's engine) and without it, and IndexIVFFlat. It is in a build with the tag faiss.
//
// Distances are FAISS's own: squared L2, or the inner product ⟨a, b⟩ (nearer is larger), which for the cosine is that of
// rows at length 1. Empty slots keep FAISS's ID −1.
//
// Debian 12 has FAISS 1.7.3, whose bounded queue miscounts what it holds once more than max(efSearch, k) points are
// visited, and then ends some searches early (repaired in 1.7.4, pull request 2771); graph_test.go counts them.
package faiss

import (
	"context"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// kind is one class of FAISS, in the shim's order.
type kind int

const (
	flat kind = iota
	hnswBounded
	hnswUnbounded
	ivf
)

var kinds = []struct {
	name, policy string
}{
	flat:          {"FAISS Flat", "exact; IDs −1 behind the last point when k exceeds their number"},
	hnswBounded:   {"FAISS HNSW", "pads: the queue is bounded by efSearch, missing slots are −1"},
	hnswUnbounded: {"FAISS HNSW, unbounded queue", "raises efSearch to k"},
	ivf:           {"FAISS IVF", "pads: reads efSearch lists (nprobe) of about √n/4 points each, missing slots are −1"},
}

// Engines lists them, whether or not this build holds them.
func Engines() []engine.Engine {
	all := make([]engine.Engine, len(kinds))
	for i, k := range kinds {
		e := engine.Engine{
			Name: k.name, Policy: k.policy, Metrics: ann.Metrics, Exact: kind(i) == flat,
			Version: version, Missing: func() error { return missing(k.name) },
		}
		e.Build = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Index, error) {
			o, err := e.CheckBuild(base, o)
			if err != nil {
				return nil, err
			}
			return open(ctx, question{e.Name, kind(i), base, o})
		}
		all[i] = e
	}
	return all
}

// question is what is to be built.
type question struct {
	name string
	kind kind
	base ann.Vectors
	o    engine.Options
}
