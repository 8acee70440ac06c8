// Command allengines is command anncapacity with DuckDB, Weaviate's index, the clients of Milvus and Spark, and the drivers of s3://
// and gs:// built in. It is a separate module, because these depend on a hundred modules. make engines builds it as
// bin/anncapacity. make cloud and the image have it without DuckDB, which needs the C++ library (-tags noduckdb).
package main

import (
	"os"
	"slices"

	"anncapacity/lib/audit/live"
	"anncapacity/lib/engine/engines"
	milvus "anncapacity/lib/engine/milvus/driver"
	weaviate "anncapacity/lib/engine/weaviate/driver"
	"anncapacity/lib/internal/command"
	_ "anncapacity/lib/scale/cloud"
	"anncapacity/lib/scale/spark"
)

func main() {
	all := engines.All(slices.Concat(duckdbEngines(), milvus.Engines(), weaviate.Engines())...)
	os.Exit(command.Main(all, command.Drivers{Audited: slices.Concat(duckdbAudited, []live.Driver{milvus.Audited}), Spark: spark.New}))
}
