// Package libsql provides the vector index of libSQL, the fork of SQLite behind Turso, as an engine: a graph of one layer after
// DiskANN and LM-DiskANN (vectordiskann.c), which every INSERT extends. The package runs the pinned wheel, as released, in a side
// process.
//
// A node has at most M links (max_neighbors), half of what level 0 of an HNSW index has: a node stores the vectors of its
// neighbours, so that the time of a build and the size of the file grow with M times the dimension. These are 32-bit floats.
// All rows are inserted in one transaction by one thread, without a journal. The table is a file, which Size counts as disk space.
// With M = 32 and efConstruction 200, an insertion takes about 17 ms at 512 dimensions and 45 ms at 2,048.
//
// efSearch is search_l. It belongs to the index: CREATE INDEX sets it, and no statement changes it. The graph does not depend on
// it. For another value, SetEfSearch creates an empty index with this value and copies its stored parameters; a new index of the same
// rows would have the same parameters, after a build of minutes.
//
// A search, and the search of an insertion, start at a node drawn at random: the same query can have another answer, and where the
// points lie in separate clusters, a search can end in another cluster than that of the query. The answer
// holds nodes that were read, nearest first. Their number is search_l or more, by as many as were read before nearer ones were
// found. A k above the number of rows is lowered to it, because libSQL ends the process if it has no memory for k answers.
package libsql

import (
	_ "embed"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/internal/side"
)

//go:embed module.py
var module []byte

var program = side.Python("libsql", module)

// Engines returns libSQL, whether or not it is installed.
func Engines() []engine.Engine {
	w := engine.LibSQL
	return []engine.Engine{{
		Key: w.Key, Name: w.Name, Family: "libSQL", Color: color.RGBA{0x66, 0x11, 0x00, 255},
		Policy: w.Policy, Documented: w.Documented, Effort: w.Effort, Metrics: []ann.Metric{ann.Euclidean, ann.Cosine},
		Trial:  engine.Trial{Shows: []engine.Policy{engine.Pads}}, // search_l and some more
		Filter: "WHERE, applied to the k nearest that vector_top_k returns",
		Delete: "DELETE: removes the node; links to it remain and are skipped, and no node is linked anew, so that a search can " +
			"end early",
		Process: "a Python process that all its indexes share", Install: "make engines",
		Absent: program.Absent, Version: program.Version, Open: program.Open,
	}}
}
