// Package lancedb provides the HNSW index of LanceDB as an engine: an IVF_HNSW_FLAT index with one partition, and thus one graph.
// The package runs the pinned wheel, as released, in a side process.
//
// Table and index are in files, which Size counts as disk space; the index holds a second copy of the vectors. LanceDB uses
// as many threads as there are processors, for a build and for a batch, and draws the levels of the nodes without a seed. A
// query is planned anew each time, which takes longer than the search of a small graph.
package lancedb

import (
	_ "embed"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/internal/side"
)

//go:embed module.py
var module []byte

var program = side.Python("lancedb", module)

// Engines returns LanceDB, whether or not it is installed.
func Engines() []engine.Engine {
	w := engine.LanceDB
	return []engine.Engine{{
		Key: "lancedb", Name: w.Name, Family: "LanceDB", Color: color.RGBA{0xaa, 0x44, 0x99, 255},
		Policy: w.Policy, Documented: w.Documented, Effort: w.Effort, Metrics: ann.Metrics,
		Filter:  "where with prefilter: the condition is evaluated first, and rows that do not match are walked through, not returned; exact where fewer than a tenth match",
		Delete:  "Table.delete: marked in a deletion file, not returned; the node stays in the graph until the index is built anew",
		Process: "a Python process that all its indexes share", Install: "make engines", Absent: program.Absent, Version: program.Version, Open: program.Open,
	}}
}
