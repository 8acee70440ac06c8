// Package driver runs DuckDB in this process, with the extension vss from a pinned wheel.
//
// Distances are DuckDB's own: L2 (the index uses squared L2), the cosine distance, −⟨a, b⟩. A batch is distributed over
// Options.Threads connections. A lateral join, the alternative for many queries, does not use the index (EXPLAIN shows a hash
// join). DuckDB accepts every hnsw_ef_search without an error, even a negative one. A cancelled build returns at once, but
// DuckDB cannot be interrupted: it completes the index in the background, and then its memory is freed.
package driver

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/duckdb/duckdb-go/v2"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	described "anncapacity/lib/engine/duckdb"
	"anncapacity/lib/internal/checkout"
)

// Engines returns the engines of package duckdb with the driver. They are available if the extension is installed.
func Engines() []engine.Engine {
	all := described.Engines()
	for i := range all {
		e := &all[i]
		indexed := !e.Exact()
		e.Absent, e.Version = absent, version
		e.Open = func(ctx context.Context, base ann.Vectors, o engine.Options) (engine.Adapter, error) {
			return open(ctx, base, o, indexed)
		}
	}
	return all
}

// extension is the path of vss in the pinned wheel, below .local.
const extension = "engines/lib/python3*/site-packages/duckdb_extension_vss/extensions/v*/vss.duckdb_extension"

func absent() error {
	_, err := checkout.Installed(extension)
	return err
}

// version returns the version of DuckDB and the commit of vss.
func version() string {
	path, err := checkout.Installed(extension)
	if err != nil {
		return ""
	}
	db, err := database(context.Background(), path, 1)
	if err != nil {
		return ""
	}
	defer db.Close()
	var library, vss string
	err = db.QueryRow("SELECT version(), extension_version FROM duckdb_extensions() WHERE extension_name = 'vss'").Scan(&library, &vss)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s, vss %s", strings.TrimPrefix(library, "v"), vss)
}

// database returns an empty database in memory with the extension of the given file. It does not install or load others.
func database(ctx context.Context, extension string, threads int) (*sql.DB, error) {
	connector, err := duckdb.NewConnector(fmt.Sprintf("?threads=%d&autoinstall_known_extensions=false&autoload_known_extensions=false", threads), nil)
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(threads)
	if _, err := db.ExecContext(ctx, "LOAD '"+strings.ReplaceAll(extension, "'", "''")+"'"); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// metrics holds DuckDB's function for each metric and the metric's name in an index.
var metrics = map[ann.Metric]struct{ function, index string }{
	ann.Euclidean:    {"array_distance", "l2sq"},
	ann.Cosine:       {"array_cosine_distance", "cosine"},
	ann.InnerProduct: {"array_negative_inner_product", "ip"},
}

// Index implements engine.Adapter with a table in memory.
type Index struct {
	d  int
	o  engine.Options
	db *sql.DB

	building sync.WaitGroup
}

func open(ctx context.Context, base ann.Vectors, o engine.Options, indexed bool) (engine.Adapter, error) {
	path, err := checkout.Installed(extension)
	if err != nil {
		return nil, err
	}
	db, err := database(ctx, path, o.Threads)
	if err != nil {
		return nil, err
	}
	x := &Index{d: base.D, o: o, db: db}
	err = x.load(ctx, base)
	if err == nil && indexed {
		err = x.index(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, x.closeAfterBuild(ctx))
	}
	return x, nil
}

// load creates the table and fills it with DuckDB's appender.
func (x *Index) load(ctx context.Context, base ann.Vectors) error {
	attribute := ""
	if x.o.Attributes != nil {
		attribute = ", attribute INTEGER"
	}
	if _, err := x.db.ExecContext(ctx, fmt.Sprintf("CREATE TABLE items (id INTEGER, embedding FLOAT[%d]%s)", base.D, attribute)); err != nil {
		return err
	}
	conn, err := x.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(c any) error {
		appender, err := duckdb.NewAppenderFromConn(c.(driver.Conn), "", "items")
		if err != nil {
			return err
		}
		for i := 0; i < base.N && err == nil; i++ {
			row := []driver.Value{int32(i), base.Row(i)}
			if x.o.Attributes != nil {
				row = append(row, x.o.Attributes[i])
			}
			err = errors.Join(ctx.Err(), appender.AppendRow(row...))
			x.o.ReportPoint(i+1, base.N, "points in the table")
		}
		return errors.Join(err, appender.Close())
	})
}

// index builds the HNSW index. When ctx ends, it returns without waiting, because DuckDB cannot be interrupted during a build.
func (x *Index) index(ctx context.Context) error {
	built := make(chan error, 1)
	x.building.Go(func() {
		_, err := x.db.Exec(fmt.Sprintf("CREATE INDEX hnsw ON items USING HNSW (embedding) WITH (metric = '%s', M = %d, M0 = %d, ef_construction = %d)",
			metrics[x.o.Metric].index, x.o.M, 2*x.o.M, x.o.EfConstruction))
		built <- err
	})
	select {
	case err := <-built:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// closeAfterBuild closes the database, in the background if ctx has ended and a build may still be running.
func (x *Index) closeAfterBuild(ctx context.Context) error {
	if ctx.Err() == nil {
		return x.db.Close()
	}
	go func() {
		x.building.Wait()
		x.db.Close()
	}()
	return nil
}

// SetEfSearch implements engine.Adapter.
func (x *Index) SetEfSearch(ef int) error {
	_, err := x.db.Exec(fmt.Sprintf("SET GLOBAL hnsw_ef_search = %d", ef))
	return err
}

// Ask implements engine.Adapter.
func (x *Index) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	return x.ask(ctx, query, x.statement("", k))
}

// statement returns the statement of a search with a WHERE clause, or "".
func (x *Index) statement(where string, k int) string {
	return fmt.Sprintf("SELECT id, %s(embedding, ?::FLOAT[%d]) AS distance FROM items %s ORDER BY distance LIMIT %d", metrics[x.o.Metric].function, x.d, where, k)
}

func (x *Index) ask(ctx context.Context, query []float32, statement string) (engine.Answer, error) {
	var a engine.Answer
	rows, err := x.db.QueryContext(ctx, statement, query)
	if err != nil {
		return a, err
	}
	defer rows.Close()
	for rows.Next() {
		var (
			id       int32
			distance float32
		)
		if err := rows.Scan(&id, &distance); err != nil {
			return a, err
		}
		a.IDs, a.Distances = append(a.IDs, id), append(a.Distances, distance)
	}
	return a, rows.Err()
}

// Size returns the memory of tables and index as reported by DuckDB.
func (x *Index) Size() (size engine.Size) {
	_ = x.db.QueryRow(`SELECT (SELECT coalesce(sum(memory_usage_bytes), 0) FROM duckdb_memory())::BIGINT
		+ (SELECT coalesce(sum(approx_memory_usage), 0) FROM pragma_hnsw_index_info())::BIGINT`).Scan(&size.Memory) // zero after an error
	return size
}

// Close closes the database, which frees its memory.
func (x *Index) Close() error { return x.db.Close() }
