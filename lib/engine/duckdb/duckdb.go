// Package duckdb describes DuckDB with the extension vss: its HNSW index (usearch) and the exact scan of a table. Package
// driver, a module of its own, runs them: duckdb-go brings DuckDB as static libraries, for the module cache a download of
// 140 MB that unpacks to 570 MB, and for the executable 60 MB.
package duckdb

import (
	"errors"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Engines returns exact search and HNSW as a build without the driver knows them: Missing says how they can be had.
func Engines() []engine.Engine {
	all := []engine.Engine{
		{
			Key: "duckdb-exact", Name: "DuckDB exact",
			Policy: engine.Exact, Documented: "exact: reads the whole table",
		},
		{
			Key: "duckdb-hnsw", Name: "DuckDB vss HNSW", Effort: "hnsw_ef_search",
			Policy: engine.Raises, Documented: "raises hnsw_ef_search to k",
		},
	}
	for i := range all {
		e := &all[i]
		e.Family, e.Color, e.Metrics, e.Install = "DuckDB", color.RGBA{0x99, 0x99, 0x33, 255}, ann.Metrics, "make engines"
		e.Absent = func() error { return errors.New("is not in this build") }
		e.Version = func() string { return "" }
	}
	return all
}
