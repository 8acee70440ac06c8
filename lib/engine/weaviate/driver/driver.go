// Package driver runs Weaviate's HNSW index in this process: its package adapters/repos/db/vector/hnsw, which is in each shard of a
// collection of a Weaviate server. What surrounds it there, the store of objects and the log of the graph, is left out: the vectors
// are those of the caller, and the log is Weaviate's own that writes nothing.
//
// The configuration is that of a new collection, except for maxConnections (4 to 2,047, and twice as many on level 0),
// efConstruction (at least 4), ef and distance. Weaviate's own check rejects other values, as it does in a server. Three values that a
// server reads from its environment have the server's defaults: acornFilterRatio 0.4, exact searches in one thread, and an unlimited
// pool of visited lists. Vectors are not quantized, as in a server whose environment does not set DEFAULT_QUANTIZATION.
//
// An ef below the limit is raised to it (hnsw.searchTimeEF). An ef of −1 means 8 · limit (dynamicEfFactor), at least 100
// (dynamicEfMin) and at most 500 (dynamicEfMax), and at least the limit. A server rejects a limit above QUERY_MAXIMUM_RESULTS, by
// default 10,000; the index does not.
//
// A filtered search gets the list of all rows that match, which a server makes from its inverted index. If fewer than flatSearchCutoff
// match, 40,000 by default, each of them is compared with the query. Otherwise the graph is searched: with filterStrategy acorn, the
// default, and at most acornFilterRatio of the rows on the list, by two hops to nodes that match; else by all nodes, of which those that
// match are returned.
//
// Distances are squared L2, 1 − cosine (0 instead of a negative number) and −⟨a, b⟩. Weaviate draws the levels of the nodes without a
// seed.
package driver

import (
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/weaviate"
)

// Version is the release of Weaviate that go.mod pins.
const Version = "1.35.2"

// Engines returns the engine of package weaviate with the driver.
func Engines() []engine.Engine {
	all := weaviate.Engines()
	for i := range all {
		e := &all[i]
		e.Absent, e.Open = nil, open
		e.Version = func() string { return Version }
	}
	return all
}
