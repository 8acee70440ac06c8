package pgvector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pgvector/pgvector-go"
	pgxvec "github.com/pgvector/pgvector-go/pgx"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/checkout"
)

// maxSingleDimensions is the maximum dimension of an HNSW index on type vector.
const maxSingleDimensions = 2000

// operators holds pgvector's operators and the names of their operator classes without the type.
var operators = map[ann.Metric]struct{ operator, class string }{
	ann.Euclidean:    {"<->", "l2_ops"},
	ann.Cosine:       {"<=>", "cosine_ops"},
	ann.InnerProduct: {"<#>", "ip_ops"},
}

func open(ctx context.Context, base ann.Vectors, o engine.Options, way scan) (engine.Adapter, error) {
	site, err := checkout.Installed(site)
	if err != nil {
		return nil, err
	}
	s, err := cluster{site: site, settings: settings(base, o), dir: o.Dir}.start(ctx)
	if err != nil {
		return nil, err
	}
	x, err := s.index(ctx, base, o, way)
	if err != nil {
		return nil, errors.Join(s.Explain(err), s.stop())
	}
	return x, nil
}

// index fills a table, indexes it, and opens the connections for searches.
func (s *server) index(ctx context.Context, base ann.Vectors, o engine.Options, way scan) (*Index, error) {
	x := &Index{scan: way, o: o, server: s, kind: "vector", empty: s.Memory()}
	x.ef.Store(engine.DefaultEfSearch)
	if way != noIndex && base.D > maxSingleDimensions {
		x.kind = "halfvec"
	}
	conn, err := pgx.Connect(ctx, dsn(s.sockets))
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "CREATE EXTENSION vector"); err != nil {
		return nil, err
	}
	if err := pgxvec.RegisterTypes(ctx, conn); err != nil {
		return nil, err
	}
	if err := x.load(ctx, conn, base); err != nil {
		return nil, err
	}
	if err := x.hnsw(ctx, conn, base.N); err != nil {
		return nil, err
	}
	return x, x.connect(ctx)
}

// load copies base into the table in PostgreSQL's binary format. Vectors that fit into a page are stored in the row.
func (x *Index) load(ctx context.Context, conn *pgx.Conn, base ann.Vectors) error {
	const page = 8000
	columns, attribute := []string{"id", "embedding"}, ""
	if x.o.Attributes != nil {
		columns, attribute = append(columns, "attribute"), ", attribute integer NOT NULL"
	}
	table := fmt.Sprintf("CREATE TABLE items (id integer NOT NULL, embedding %s(%d) NOT NULL%s)", x.kind, base.D, attribute)
	if base.D*4 < page {
		table += "; ALTER TABLE items ALTER COLUMN embedding SET STORAGE PLAIN"
	}
	if _, err := conn.Exec(ctx, table); err != nil {
		return err
	}
	next := 0
	rows := pgx.CopyFromFunc(func() ([]any, error) {
		if next == base.N {
			return nil, nil
		}
		row := []any{int32(next), x.value(base.Row(next))}
		if x.o.Attributes != nil {
			row = append(row, x.o.Attributes[next])
		}
		next++
		x.o.ReportPoint(next, base.N, "points in the table")
		return row, nil
	})
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"items"}, columns, rows); err != nil {
		return err
	}
	_, err := conn.Exec(ctx, "ANALYZE items")
	return err
}

// value returns a vector in the type of the column.
func (x *Index) value(v []float32) any {
	if x.kind == "halfvec" {
		return pgvector.NewHalfVector(v)
	}
	return pgvector.NewVector(v)
}

func (x *Index) hnsw(ctx context.Context, conn *pgx.Conn, n int) error {
	if x.scan == noIndex {
		return nil
	}
	if x.o.Progress != nil {
		stop := x.watch(ctx, n)
		defer stop()
	}
	_, err := conn.Exec(ctx, fmt.Sprintf("CREATE INDEX ON items USING hnsw (embedding %s_%s) WITH (m = %d, ef_construction = %d)",
		x.kind, operators[x.o.Metric].class, x.o.M, x.o.EfConstruction))
	return err
}

// watch reports the progress of the index every second until stop is called.
func (x *Index) watch(ctx context.Context, n int) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := pgx.Connect(ctx, dsn(x.server.sockets))
		if err != nil {
			return // the build returns the error
		}
		defer conn.Close(context.WithoutCancel(ctx))
		for ticks := time.NewTicker(time.Second); ; {
			select {
			case <-ctx.Done():
				return
			case <-ticks.C:
			}
			var tuples int
			if conn.QueryRow(ctx, "SELECT tuples_done FROM pg_stat_progress_create_index").Scan(&tuples) == nil {
				x.o.Report(tuples, n, "points")
			}
		}
	}()
	return func() {
		cancel()
		<-done
		x.o.Report(n, n, "points")
	}
}

// connect opens the connections for searches and configures each new one.
func (x *Index) connect(ctx context.Context) error {
	config, err := pgxpool.ParseConfig(dsn(x.server.sockets))
	if err != nil {
		return err
	}
	config.MaxConns = int32(x.o.Threads)
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		if err := pgxvec.RegisterTypes(ctx, conn); err != nil || x.scan == noIndex {
			return err
		}
		return x.configure(ctx, conn)
	}
	x.pool, err = pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	return x.pool.Ping(ctx)
}

// configure sets efSearch on a connection and makes the planner use the index for every k.
func (x *Index) configure(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, fmt.Sprintf("LOAD 'vector'; SET enable_seqscan = off; SET hnsw.iterative_scan = %s; SET hnsw.ef_search = %d", x.scan, x.ef.Load()))
	return err
}
