// Package hnswlib provides hnswlib as an engine. It calls the C++ headers of the Debian package through cgo. Builds with the
// tag hnswlib include it.
//
// Distances are hnswlib's own: squared L2, or 1 − ⟨a, b⟩; for the cosine, a and b are normalized. A search for k uses
// max(efSearch, k). If it finds fewer than k points, the C++ answer is shorter than k. hnswlib's Python module raises an
// exception instead: "Cannot return the results in a contiguous 2D array. Probably ef or M is too small".
//
// Debian 12 has hnswlib 0.6.2. Filter functions came with 0.7.0, so this adapter has no filter.
package hnswlib

import (
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Engines returns hnswlib, whether or not this build includes it.
func Engines() []engine.Engine {
	return []engine.Engine{{
		Key: "hnswlib", Name: "hnswlib", Family: "hnswlib", Color: color.RGBA{0xd5, 0x5e, 0x00, 255},
		Policy: engine.HNSWLib.Policy, Documented: engine.HNSWLib.Documented, Effort: engine.HNSWLib.Effort,
		Metrics: ann.Metrics, Normalize: true, Bulk: true,
		Delete:  "markDelete: visited, not returned, not counted towards ef",
		Install: "apt-get install libhnswlib-dev, then build or test with -tags hnswlib",
		Absent:  absent, Version: version, Open: open,
	}}
}
