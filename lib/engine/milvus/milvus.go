// Package milvus describes two indexes of Milvus Lite and one of a full Milvus server, whose address is in the environment
// variable MILVUS_ADDRESS (host:port). Package driver runs them. It is a separate module, because Milvus's client depends on
// etcd, OpenTelemetry, Prometheus and a hundred more modules, which add 30 MB to an executable and a minute to a build.
package milvus

import (
	"errors"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Engines returns two indexes of Milvus Lite and one of a full server, without the driver. None is available; the error of
// Missing says how to install it.
func Engines() []engine.Engine {
	all := []engine.Engine{
		{
			Key: "milvus-lite-flat", Name: "Milvus Lite FLAT",
			Policy: engine.Exact, Documented: "exact: compares with every vector", Filter: "filter, an expression, before the comparison", Delete: "delete",
			Install: "make engines",
		},
		{
			Key: "milvus-lite-hnsw", Name: "Milvus Lite HNSW", Effort: engine.MilvusLite.Effort,
			Policy: engine.MilvusLite.Policy, Documented: engine.MilvusLite.Documented,
			Filter: "filter, an expression: an IDSelector of FAISS in each segment", Delete: "delete: left out by the IDSelector",
			Install: "make engines",
		},
		{
			Key: "milvus-hnsw", Name: "Milvus HNSW", Effort: engine.Milvus.Effort,
			Policy: engine.Milvus.Policy, Documented: engine.Milvus.Documented,
			Filter: "filter, an expression: a bitset, tested during the search", Delete: "delete: in the bitset until a compaction",
			Install: "make engines, or set MILVUS_ADDRESS to the host:port of a server",
		},
	}
	for i := range all {
		e := &all[i]
		e.Family, e.Color, e.Metrics = "Milvus", color.RGBA{0x88, 0x22, 0x55, 255}, ann.Metrics
		e.Process = "Milvus Lite's server, started for each index"
		if e.Policy == engine.Rejects {
			e.Process = "a Milvus server, started for each index"
		}
		e.Absent = func() error { return errors.New("is not in this build") }
		e.Version = func() string { return "" }
	}
	return all
}
