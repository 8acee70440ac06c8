// Package engines lists every engine.
package engines

import (
	"slices"

	"anncapacity/lib/engine"
	"anncapacity/lib/engine/coderhnsw"
	"anncapacity/lib/engine/duckdb"
	"anncapacity/lib/engine/faiss"
	"anncapacity/lib/engine/hnswlib"
	"anncapacity/lib/engine/milvus"
	"anncapacity/lib/engine/own"
	"anncapacity/lib/engine/pgvector"
	"anncapacity/lib/engine/pynndescent"
	"anncapacity/lib/engine/trees"
)

// All lists them, those that cannot be had here included: Missing tells.
func All() []engine.Engine {
	return slices.Concat(
		own.Engines(),
		faiss.Engines(),
		[]engine.Engine{hnswlib.Engine()},
		[]engine.Engine{coderhnsw.Engine()},
		trees.Engines(),
		[]engine.Engine{pynndescent.Engine()},
		pgvector.Engines(),
		duckdb.Engines(),
		milvus.Engines(),
	)
}
