// Package jvector provides JVector, the library inside Apache Cassandra's vector search, as an engine: a graph of one layer
// (Vamana; Subramanya et al., NeurIPS 2019). The package runs the pinned jar, as released, in a side process.
//
// The graph holds full vectors in memory. A node has at most 2 · M links, as Cassandra sets it and as level 0 of an HNSW index
// has; alpha and the overflow of links are 1.2, as in JVector's documentation. efSearch is rerankK, the number of nodes
// that a search keeps; with full vectors nothing is ranked anew. JVector's dot product needs unit vectors, so that the inner
// product is not supported. The runtime has no Vector API (jdk.incubator.vector): distances are computed by scalar code.
package jvector

import (
	_ "embed"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/internal/side"
)

//go:embed JVector.java
var source []byte

var program = side.Java("jvector", "JVector", source)

// Engines returns JVector, whether or not it is installed.
func Engines() []engine.Engine {
	w := engine.JVector
	return []engine.Engine{{
		Key: "jvector", Name: w.Name, Family: "JVector", Color: color.RGBA{0x11, 0x77, 0x33, 255},
		Policy: w.Policy, Documented: w.Documented, Effort: w.Effort, Metrics: []ann.Metric{ann.Euclidean, ann.Cosine},
		Filter:  "acceptOrds of GraphSearcher.search, a set of nodes that the caller gives: others are walked through, not returned",
		Delete:  "GraphIndexBuilder.markNodeDeleted and cleanup: removes the nodes and links their neighbours anew",
		Process: "a Java process that all its indexes share", Install: "make engines", Absent: program.Absent, Version: program.Version, Open: program.Open,
	}}
}
