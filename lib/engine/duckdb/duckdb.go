// Package duckdb is DuckDB, inside this process, with the extension vss from a pinned wheel: its HNSW index (usearch) and
// the exact scan of a table in memory. It is in a build with the tag duckdb.
//
// The tag is for the cost: duckdb-go brings DuckDB as static libraries, for the module cache a download of 140 MB that
// unpacks to 570 MB, and for the executable 60 MB.
//
// Distances are DuckDB's own: L2 (of an index by squared L2), the cosine distance, −⟨a, b⟩. A batch is spread over
// Options.Threads connections: a lateral join, the other way to ask many questions, does not use the index (EXPLAIN shows a
// hash join). DuckDB takes any hnsw_ef_search, a negative one too, without an error. A cancelled build returns at once; DuckDB, which
// does not look, ends its index in the background and then frees it.
package duckdb

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/process"
)

// extension is where the pinned wheel keeps vss, below .local.
const extension = "engines/lib/python3*/site-packages/duckdb_extension_vss/extensions/v*/vss.duckdb_extension"

const hnswName, exactName = "DuckDB vss HNSW", "DuckDB exact"

// Engines lists them, whether or not this build holds them.
func Engines() []engine.Engine {
	all := []engine.Engine{
		{Name: exactName, Policy: "exact: reads the whole table", Exact: true},
		{Name: hnswName, Policy: "raises hnsw_ef_search to k"},
	}
	for i, e := range all {
		e.Metrics, e.Version = ann.Metrics, version
		e.Missing = func() error { return missing(e.Name) }
		e.Build = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Index, error) {
			o, err := e.CheckBuild(base, o)
			if err != nil {
				return nil, err
			}
			return open(ctx, question{e.Name, !e.Exact, base, o})
		}
		all[i] = e
	}
	return all
}

// question is what is to be built.
type question struct {
	name string
	hnsw bool
	base ann.Vectors
	o    engine.Options
}

func missing(name string) error {
	//lint:ignore SA4023 it is nil in a build with -tags duckdb
	if err := absent(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if _, err := process.Find(extension); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
