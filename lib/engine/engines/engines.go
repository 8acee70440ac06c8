// Package engines lists all engines.
package engines

import (
	"slices"

	"anncapacity/lib/engine"
	"anncapacity/lib/engine/clickhouse"
	"anncapacity/lib/engine/coderhnsw"
	"anncapacity/lib/engine/duckdb"
	"anncapacity/lib/engine/faiss"
	"anncapacity/lib/engine/hnswlib"
	"anncapacity/lib/engine/jvector"
	"anncapacity/lib/engine/lancedb"
	"anncapacity/lib/engine/libsql"
	"anncapacity/lib/engine/lucene"
	"anncapacity/lib/engine/milvus"
	"anncapacity/lib/engine/own"
	"anncapacity/lib/engine/pgvector"
	"anncapacity/lib/engine/pynndescent"
	"anncapacity/lib/engine/qdrant"
	"anncapacity/lib/engine/redis"
	"anncapacity/lib/engine/scann"
	"anncapacity/lib/engine/trees"
	"anncapacity/lib/engine/usearch"
	"anncapacity/lib/engine/weaviate"
)

// All returns all engines, including those that are not available here; see engine.Engine.Missing. Each engine in drivers
// replaces the engine with the same key. Drivers are in separate modules because they need large packages.
func All(drivers ...engine.Engine) []engine.Engine {
	all := slices.Concat(
		own.Engines(),
		faiss.Engines(),
		hnswlib.Engines(),
		coderhnsw.Engines(),
		trees.Engines(),
		pynndescent.Engines(),
		pgvector.Engines(),
		duckdb.Engines(),
		milvus.Engines(),
		lucene.Engines(),
		jvector.Engines(),
		usearch.Engines(),
		qdrant.Engines(),
		redis.Engines(),
		lancedb.Engines(),
		scann.Engines(),
		weaviate.Engines(),
		libsql.Engines(),
		clickhouse.Engines(),
	)
	for _, d := range drivers {
		i := slices.IndexFunc(all, func(e engine.Engine) bool { return e.Key == d.Key })
		all[i] = d
	}
	return all
}
