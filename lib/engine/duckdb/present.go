//go:build duckdb && cgo

package duckdb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/duckdb/duckdb-go/v2"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/process"
)

func absent() error { return nil }

// version is DuckDB's, and the commit of vss.
func version() string {
	path, err := process.Find(extension)
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

// database is an empty one in memory, with the extension of that file. It asks nobody for others.
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

// measures of DuckDB: the function of a distance, and the name of an index for it.
var measures = map[ann.Metric]struct{ function, index string }{
	ann.Euclidean:    {"array_distance", "l2sq"},
	ann.Cosine:       {"array_cosine_distance", "cosine"},
	ann.InnerProduct: {"array_negative_inner_product", "ip"},
}

// Index is a table in memory.
type Index struct {
	bounds engine.Bounds
	q      question // without the base
	db     *sql.DB
	closed atomic.Bool

	building sync.WaitGroup
}

func open(ctx context.Context, q question) (engine.Index, error) {
	path, err := process.Find(extension)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.name, err)
	}
	db, err := database(ctx, path, q.o.Threads)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.name, err)
	}
	x := &Index{bounds: engine.Bounds{Name: q.name, D: q.base.D, Metric: q.o.Metric}, q: q, db: db}
	x.q.base = ann.Vectors{}
	err = x.load(ctx, q.base)
	if err == nil && q.hnsw {
		err = x.index(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", q.name, errors.Join(ctx.Err(), err)), x.abandon(ctx))
	}
	return x, nil
}

// load appends base to a table by DuckDB's appender.
func (x *Index) load(ctx context.Context, base ann.Vectors) error {
	if _, err := x.db.ExecContext(ctx, fmt.Sprintf("CREATE TABLE items (id INTEGER, embedding FLOAT[%d])", base.D)); err != nil {
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
			err = errors.Join(ctx.Err(), appender.AppendRow(int32(i), base.Row(i)))
			engine.Report(x.q.o.Progress, x.q.name+": table", i+1, base.N)
		}
		return errors.Join(err, appender.Close())
	})
}

// index does not wait for DuckDB when ctx ends: building an index, it does not look whether it is to stop.
func (x *Index) index(ctx context.Context) error {
	built := make(chan error, 1)
	x.building.Go(func() {
		_, err := x.db.Exec(fmt.Sprintf("CREATE INDEX hnsw ON items USING HNSW (embedding) WITH (metric = '%s', M = %d, M0 = %d, ef_construction = %d)",
			measures[x.q.o.Metric].index, x.q.o.M, 2*x.q.o.M, x.q.o.EfConstruction))
		built <- err
	})
	select {
	case err := <-built:
		if err != nil {
			return err
		}
		return x.effort(ctx, engine.DefaultEfSearch)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// abandon frees DuckDB's memory as soon as it does nothing more.
func (x *Index) abandon(ctx context.Context) error {
	if ctx.Err() == nil {
		return x.db.Close()
	}
	go func() {
		x.building.Wait()
		x.db.Close()
	}()
	return nil
}

func (x *Index) effort(ctx context.Context, ef int) error {
	_, err := x.db.ExecContext(ctx, fmt.Sprintf("SET GLOBAL hnsw_ef_search = %d", ef))
	return err
}

func (x *Index) named(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", x.q.name, err)
}

func (x *Index) open() error {
	if x.closed.Load() {
		return x.named(errors.New("the index is closed"))
	}
	return nil
}

// SetEfSearch implements engine.Index; to the exact scan it is nothing.
func (x *Index) SetEfSearch(ef int) error {
	if err := errors.Join(x.open(), x.bounds.Effort(ef)); err != nil || !x.q.hnsw {
		return err
	}
	return x.named(x.effort(context.Background(), ef))
}

// Ask implements engine.Index.
func (x *Index) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	if err := errors.Join(x.open(), x.bounds.Questions(engine.One(query), k)); err != nil {
		return engine.Answer{}, err
	}
	a, err := x.search(ctx, query, k)
	return a, x.named(err)
}

func (x *Index) search(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	var a engine.Answer
	rows, err := x.db.QueryContext(ctx, fmt.Sprintf("SELECT id, %s(embedding, ?::FLOAT[%d]) AS distance FROM items ORDER BY distance LIMIT %d",
		measures[x.q.o.Metric].function, x.bounds.D, k), query)
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

// AskBatch implements engine.Index: questions on several connections.
func (x *Index) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	if err := errors.Join(x.open(), x.bounds.Questions(queries, k)); err != nil {
		return nil, err
	}
	return engine.AskEach(ctx, x, queries, k, x.q.o.Threads)
}

// Size is what DuckDB says of its tables and of its index.
func (x *Index) Size() engine.Size {
	var size engine.Size
	if x.open() == nil {
		_ = x.db.QueryRow(`SELECT (SELECT coalesce(sum(memory_usage_bytes), 0) FROM duckdb_memory())::BIGINT
			+ (SELECT coalesce(sum(approx_memory_usage), 0) FROM pragma_hnsw_index_info())::BIGINT`).Scan(&size.Memory) // zero when it does not tell
	}
	return size
}

// Close frees DuckDB's memory.
func (x *Index) Close() error {
	x.closed.Store(true)
	return x.named(x.db.Close())
}
