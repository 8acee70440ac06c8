// Package qdrant provides Qdrant's engine, a shard, as an engine: the code of the server without its network interface. The
// package runs the pinned wheel of Qdrant Edge, as released, in a side process. The :memory: mode of Qdrant's Python client is
// another program: exact search in NumPy.
//
// A shard holds all points in one segment with one graph; sets of less than a KB have none and are searched exactly. A segment
// is in files, which Size counts as disk space, and searched through mapped memory. Files are 100 MB and more for any set,
// because Qdrant reserves 32 MB at a time for payload. Qdrant normalizes the vectors under the cosine. It draws the levels
// of the nodes without a seed.
package qdrant

import (
	_ "embed"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/internal/side"
)

//go:embed module.py
var module []byte

var program = side.Python("qdrant-edge-py", module)

// Engines returns Qdrant, whether or not it is installed.
func Engines() []engine.Engine {
	w := engine.Qdrant
	return []engine.Engine{{
		Key: "qdrant", Name: w.Name, Family: "Qdrant", Color: color.RGBA{0xdd, 0xcc, 0x77, 255},
		Policy: w.Policy, Documented: w.Documented, Effort: w.Effort, Metrics: ann.Metrics,
		Filter:  "Filter on an indexed payload field: nodes that do not match are skipped, and the graph has more links for ranges of the field; exact where few match",
		Delete:  "delete_points: marked, not returned; the node stays in the graph until an optimizer builds the segment anew",
		Process: "a Python process that all its indexes share", Install: "make engines", Absent: program.Absent, Version: program.Version, Open: program.Open,
	}}
}
