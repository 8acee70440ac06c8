// Package hnswlib is hnswlib, the C++ headers that Debian packages, through cgo. It is in a build with the tag hnswlib.
//
// Distances are hnswlib's own: squared L2, or 1 − ⟨a, b⟩, which for the cosine is that of rows at length 1. A search finds
// what max(efSearch, k) finds. Where that is fewer than k, the C++ answer is shorter; hnswlib's Python module makes it an
// exception, "Cannot return the results in a contiguous 2D array. Probably ef or M is too small".
package hnswlib

import (
	"context"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

const name = "hnswlib"

// Engine is hnswlib, whether or not this build holds it.
func Engine() engine.Engine {
	e := engine.Engine{Name: name, Policy: "raises efSearch to k", Metrics: ann.Metrics, Version: version, Missing: missing}
	e.Build = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Index, error) {
		o, err := e.CheckBuild(base, o)
		if err != nil {
			return nil, err
		}
		return open(ctx, base, o)
	}
	return e
}
