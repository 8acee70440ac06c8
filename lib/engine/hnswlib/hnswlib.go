// Package hnswlib is hnswlib, the C++ headers that Debian packages, through cgo. It is in a build with the tag hnswlib.
//
// Distances are hnswlib's own: squared L2, or 1 − ⟨a, b⟩, which for the cosine is that of rows at length 1. A search finds
// what max(efSearch, k) finds. Where that is fewer than k, the C++ answer is shorter; hnswlib's Python module makes it an
// exception, "Cannot return the results in a contiguous 2D array. Probably ef or M is too small".
package hnswlib

import (
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Engines returns hnswlib, whether or not this build holds it.
func Engines() []engine.Engine {
	return []engine.Engine{{
		Key: "hnswlib", Name: "hnswlib", Family: "hnswlib", Color: color.RGBA{0xd5, 0x5e, 0x00, 255},
		Policy: engine.Raises, Documented: "raises efSearch to k", Effort: "set_ef (setEf in C++)",
		Metrics: ann.Metrics, Normalize: true, Bulk: true,
		Install: "apt-get install libhnswlib-dev, then build or test with -tags hnswlib",
		Absent:  absent, Version: version, Open: open,
	}}
}
