package sharding

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"
	pgxvec "github.com/pgvector/pgvector-go/pgx"

	"anncapacity/lib/ann"
	postgres "anncapacity/lib/engine/pgvector"
	"anncapacity/lib/internal/progress"
)

// server is a PostgreSQL server of its own, with a connection.
type server struct {
	database *postgres.Database
	conn     *pgx.Conn
}

// start starts a server. It returns nil and the reason if PostgreSQL with pgvector is not installed.
func (c *comparison) start(ctx context.Context) (s *server, missing string, err error) {
	if err := postgres.Engines()[0].Missing(); err != nil {
		return nil, err.Error(), nil
	}
	s = &server{}
	if s.database, err = postgres.NewDatabase(ctx, "maintenance_work_mem=256MB", "max_parallel_workers_per_gather=0"); err != nil {
		return nil, "", err
	}
	if s.conn, err = pgx.Connect(ctx, s.database.URL("postgres", "")); err == nil {
		err = pgxvec.RegisterTypes(ctx, s.conn)
	}
	if err == nil { // a sequential scan is exact: the indexes are to be compared
		_, err = s.conn.Exec(ctx, fmt.Sprintf("LOAD 'vector'; SET enable_seqscan = off; SET hnsw.iterative_scan = off; SET hnsw.ef_search = %d", c.EfSearch))
	}
	if err != nil {
		return nil, "", errors.Join(err, s.Close())
	}
	return s, "", nil
}

// Close stops the server.
func (s *server) Close() error {
	if s.conn != nil {
		s.conn.Close(context.Background()) // the server is stopped anyway
	}
	return s.database.Close()
}

// search fills a table with one partition for each shard, indexes each partition and returns the answers, by k and query.
func (s *server) search(ctx context.Context, c *comparison, l layout, split [][]int32) (answers [][]ann.Neighbors, err error) {
	defer progress.Spin(c.Progress, fmt.Sprintf("PostgreSQL, %d partitions, %s", l.shards, l.by))()
	if err := s.fill(ctx, c, l, split); err != nil {
		return nil, err
	}
	if err := s.usesIndexes(ctx, c, l.shards); err != nil {
		return nil, err
	}
	for _, k := range c.K {
		var lists []ann.Neighbors
		for q := range c.Queries.N {
			rows, err := s.conn.Query(ctx, nearest(k), pgvector.NewVector(c.Queries.Row(q)))
			if err != nil {
				return nil, err
			}
			list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (n ann.Neighbor, err error) {
				return n, row.Scan(&n.ID, &n.Distance)
			})
			if err != nil {
				return nil, err
			}
			lists = append(lists, list)
		}
		answers = append(answers, lists)
	}
	return answers, nil
}

// nearest returns the statement that asks for the k nearest rows.
func nearest(k int) string {
	return fmt.Sprintf("SELECT id, (embedding <-> $1)::real FROM items ORDER BY embedding <-> $1 LIMIT %d", k)
}

// fill creates, fills and indexes the table.
func (s *server) fill(ctx context.Context, c *comparison, l layout, split [][]int32) error {
	by := "HASH (id)"
	if l.by == Cell {
		by = "LIST (shard)"
	}
	create := []string{
		"DROP TABLE IF EXISTS items",
		fmt.Sprintf("CREATE TABLE items (id integer NOT NULL, shard integer NOT NULL, embedding vector(%d) NOT NULL) PARTITION BY %s", c.Base.D, by),
	}
	for i := range split {
		values := fmt.Sprintf("WITH (MODULUS %d, REMAINDER %d)", l.shards, i)
		if l.by == Cell {
			values = fmt.Sprintf("IN (%d)", i)
		}
		create = append(create, fmt.Sprintf("CREATE TABLE items_%d PARTITION OF items FOR VALUES %s", i, values))
	}
	if _, err := s.conn.Exec(ctx, strings.Join(create, "; ")); err != nil {
		return err
	}
	home := homes(c.Base, split)
	row := func(i int) ([]any, error) { return []any{int32(i), home[i], pgvector.NewVector(c.Base.Row(i))}, nil }
	if _, err := s.conn.CopyFrom(ctx, pgx.Identifier{"items"}, []string{"id", "shard", "embedding"}, pgx.CopyFromSlice(c.Base.N, row)); err != nil {
		return err
	}
	_, err := s.conn.Exec(ctx, fmt.Sprintf("CREATE INDEX ON items USING hnsw (embedding vector_l2_ops) WITH (m = %d, ef_construction = %d); ANALYZE items", c.M, c.Efc))
	return err
}

// usesIndexes returns an error unless a search scans the index of every partition.
func (s *server) usesIndexes(ctx context.Context, c *comparison, shards int) error {
	k := c.K[len(c.K)-1]
	rows, err := s.conn.Query(ctx, "EXPLAIN "+nearest(k), pgvector.NewVector(c.Queries.Row(0)))
	if err != nil {
		return err
	}
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	text := strings.Join(plan, "\n")
	if scans := strings.Count(text, "Index Scan using"); scans != shards {
		return fmt.Errorf("%d of %d partitions are searched by their index:\n%s", scans, shards, text)
	}
	return nil
}
