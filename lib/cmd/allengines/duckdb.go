//go:build !noduckdb

package main

import (
	"anncapacity/lib/audit/live"
	duckdb "anncapacity/lib/engine/duckdb/driver"
)

var (
	duckdbEngines = duckdb.Engines
	duckdbAudited = []live.Driver{duckdb.Audited}
)
