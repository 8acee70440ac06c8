// Package usearch provides usearch, the HNSW library inside ClickHouse and DuckDB's vss extension, as an engine. The package runs
// the pinned wheel, as released, in a side process.
//
// The vectors are 32-bit floats: usearch's own default is 16-bit ones (bf16). A batch is searched by as many threads as built
// the index. usearch draws the levels of the nodes without a seed.
package usearch

import (
	_ "embed"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/internal/side"
)

//go:embed module.py
var module []byte

var program = side.Python("usearch", module)

// Engines returns usearch, whether or not it is installed.
func Engines() []engine.Engine {
	w := engine.USearch
	return []engine.Engine{{
		Key: "usearch", Name: w.Name, Family: "usearch", Color: color.RGBA{0xcc, 0x66, 0x77, 255},
		Policy: w.Policy, Documented: w.Documented, Effort: w.Effort, Metrics: ann.Metrics,
		Delete:  "Index.remove: marked, not returned; the node stays in the graph until another vector takes its place",
		Process: "a Python process that all its indexes share", Install: "make engines", Absent: program.Absent, Version: program.Version, Open: program.Open,
	}}
}
