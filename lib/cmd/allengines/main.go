// Command allengines is command anncapacity with DuckDB, the clients of Milvus and Spark, and the drivers of s3:// and gs:// built in. It
// is a separate module, because these depend on a hundred modules. make cloud and make engines build it as bin/anncapacity, and the image
// has it.
package main

import (
	"os"
	"slices"

	"anncapacity/lib/audit/live"
	duckdb "anncapacity/lib/engine/duckdb/driver"
	"anncapacity/lib/engine/engines"
	milvus "anncapacity/lib/engine/milvus/driver"
	"anncapacity/lib/internal/command"
	_ "anncapacity/lib/scale/cloud"
	"anncapacity/lib/scale/spark"
)

func main() {
	all := engines.All(slices.Concat(duckdb.Engines(), milvus.Engines())...)
	os.Exit(command.Main(all, command.Drivers{Audited: []live.Driver{duckdb.Audited, milvus.Audited}, Spark: spark.New}))
}
