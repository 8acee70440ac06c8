//go:build noduckdb

package main

import (
	"anncapacity/lib/audit/live"
	"anncapacity/lib/engine"
)

func duckdbEngines() []engine.Engine { return nil }

var duckdbAudited []live.Driver
