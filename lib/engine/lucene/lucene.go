// Package lucene provides the HNSW index of Apache Lucene, the library inside Elasticsearch, OpenSearch and Solr, as an engine.
// The package runs the pinned jar, as released, in a side process.
//
// The index is one field in one segment, built by one thread and read through mapped files, which Size counts as disk space.
// A search is a KnnFloatVectorQuery that collects efSearch documents and keeps k. Products based on Lucene also call it so:
// efSearch is Elasticsearch's num_candidates, which it requires to be at least k. A segment with at most efSearch documents
// is searched exactly. Lucene limits the dimension to 1,024, in a class that Elasticsearch and Solr replace; so does the
// package. The runtime has no Vector API (jdk.incubator.vector): distances are computed by Lucene's scalar code.
package lucene

import (
	_ "embed"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/internal/side"
)

//go:embed Lucene.java
var source []byte

var program = side.Java("lucene-core", "Lucene", source)

// Engines returns Lucene, whether or not it is installed.
func Engines() []engine.Engine {
	w := engine.Lucene
	return []engine.Engine{{
		Key: "lucene", Name: w.Name, Family: "Lucene", Color: color.RGBA{0x33, 0x22, 0x88, 255},
		Policy: w.Policy, Documented: w.Documented, Effort: w.Effort, Metrics: ann.Metrics, Deterministic: true,
		Filter:  "filter of KnnFloatVectorQuery, evaluated first: only documents that match are compared; exact where the graph would compare more than match",
		Delete:  "IndexWriter.tryDeleteDocument: the document stays in the graph until its segment is merged, and is not returned",
		Process: "a Java process that all its indexes share", Install: "make engines", Absent: program.Absent, Version: program.Version, Open: program.Open,
	}}
}
