// Package duckdb describes DuckDB with the extension vss: its HNSW index (usearch) and the exact scan of a table. Package
// driver runs them. It is a separate module, because duckdb-go contains DuckDB as static libraries: a download of 140 MB that
// unpacks to 570 MB, and 60 MB of an executable.
package duckdb

import (
	"errors"
	"image/color"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Engines returns exact search and HNSW without the driver. Neither is available; the error of Missing says how to install
// it.
func Engines() []engine.Engine {
	all := []engine.Engine{
		{
			Key: "duckdb-exact", Name: "DuckDB exact",
			Policy: engine.Exact, Documented: "exact: reads the whole table", Filter: "WHERE, during the scan of the table", Delete: "DELETE",
		},
		{
			Key: "duckdb-hnsw", Name: "DuckDB vss HNSW", Effort: engine.DuckDB.Effort,
			Policy: engine.DuckDB.Policy, Documented: engine.DuckDB.Documented,
			Filter: "WHERE, applied to the LIMIT nearest that the index returns", Delete: "DELETE",
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
