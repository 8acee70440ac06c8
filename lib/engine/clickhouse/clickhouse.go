// Package clickhouse provides the vector similarity index of ClickHouse, an HNSW graph of usearch, as an engine. The package runs
// chDB, ClickHouse as a library, in a side process: the pinned wheel chdb-core, as released. Its license is Apache 2.0.
//
// The rows are one part of a MergeTree table with one index of 32-bit floats; ClickHouse's own default is 16-bit ones (bf16).
// hnsw_max_connections_per_layer is M, hnsw_candidate_list_size_for_construction efConstruction. The part is written without
// an index and then merged with OPTIMIZE FINAL, which builds it. The table is in files, which Size counts as disk space, and which
// hold the vectors twice, compressed; the index is loaded into memory by the first search. An index is built by as many threads as
// the first index of the process had.
//
// ClickHouse does not say when it answers without an index, by comparing with every row. The adapter asks for the plan (EXPLAIN
// indexes = 1) of the first query of each k, and of each k with a filter; a plan without the index is an error. Above
// max_limit_for_vector_search_queries, 1,000, there is such a plan: the adapter raises this setting to k.
//
// Without rescoring, the distances come from the index. Under the inner product these are 1 − the product, and the answer is in the
// wrong order (26.9): the adapter searches with vector_search_with_rescoring = 1 there, for which ClickHouse reads the vectors that
// the index returns and computes the products.
package clickhouse

import (
	_ "embed"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/internal/side"
)

//go:embed module.py
var module []byte

var program = side.Python("chdb-core", module)

// Engines returns ClickHouse, whether or not it is installed.
func Engines() []engine.Engine {
	w := engine.ClickHouse
	return []engine.Engine{{
		Key: w.Key, Name: w.Name, Family: "ClickHouse", Color: color.RGBA{0xbb, 0xcc, 0x33, 255},
		Policy: w.Policy, Documented: w.Documented, Effort: w.Effort, Metrics: ann.Metrics,
		Filter:  "WHERE, applied to the LIMIT nearest that the index returns (vector_search_filter_strategy = 'auto')",
		Delete:  "DELETE FROM: marked, and left out of the LIMIT nearest that the index returns, until a merge builds the index anew",
		Process: "a Python process that all its indexes share", Install: "make engines",
		Absent: program.Absent, Version: program.Version, Open: program.Open,
	}}
}
