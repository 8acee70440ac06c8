package filters

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"
	pgxvec "github.com/pgvector/pgvector-go/pgx"

	"anncapacity/lib/audit/live"
	"anncapacity/lib/audit/postgres"
	server "anncapacity/lib/engine/pgvector"
	"anncapacity/lib/internal/progress"
)

// postgres returns the rows of pgvector with each kind of iterative scan, as an audit of a table determines them.
func (t *truth) postgres(ctx context.Context) (rows []Row, err error) {
	database, err := server.NewDatabase(ctx, "maintenance_work_mem=512MB", "max_parallel_workers_per_gather=0")
	if err != nil {
		return nil, fmt.Errorf("pgvector: %w: %w", errMissing, err)
	}
	defer func() { err = errors.Join(err, database.Close()) }()
	if err := t.fill(ctx, database.URL("postgres", "")); err != nil {
		return nil, fmt.Errorf("filters: filling a table: %w", err)
	}
	for _, label := range t.labels() {
		of, err := t.audit(ctx, database.URL("postgres", ""), label)
		if err != nil {
			return nil, err
		}
		rows = append(rows, of...)
	}
	return rows, nil
}

// fill creates a table of the vectors and labels with an index.
func (t *truth) fill(ctx context.Context, address string) error {
	defer progress.Spin(t.Progress, "table of pgvector")()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := pgxvec.RegisterTypes(ctx, conn); err != nil {
		return err
	}
	create := fmt.Sprintf("CREATE TABLE items (id integer PRIMARY KEY, label bigint NOT NULL, embedding vector(%d) NOT NULL)", t.Base.D)
	if _, err := conn.Exec(ctx, create); err != nil {
		return err
	}
	row := func(i int) ([]any, error) {
		return []any{int32(i), t.Labels[i], pgvector.NewVector(t.Base.Row(i))}, nil
	}
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{"items"}, []string{"id", "label", "embedding"}, pgx.CopyFromSlice(t.Base.N, row)); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, fmt.Sprintf("CREATE INDEX ON items USING hnsw (embedding vector_l2_ops) WITH (m = %d, ef_construction = %d); ANALYZE items", t.M, t.Construction))
	return err
}

// audit returns the rows of one label. The planner may not choose a sequential scan, which is exact: the index is to be compared.
func (t *truth) audit(ctx context.Context, address string, label int64) (rows []Row, err error) {
	session, err := postgres.Driver.Open(ctx, live.Target{
		Address: address + "&options=-c%20enable_seqscan%3Doff", Name: "items", Column: "embedding", Filter: fmt.Sprintf("label = %d", label),
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	r, err := live.Run(ctx, session, live.Options{K: []int{t.K}, EfSearch: t.EfSearch, Wanted: .95, Queries: t.Queries, Sample: t.Queries.N, Progress: t.Progress})
	if err != nil {
		return nil, err
	}
	for _, ef := range t.EfSearch {
		for _, s := range r.Settings {
			if s.EfSearch != ef || s.UsesIndex == nil || !*s.UsesIndex {
				continue
			}
			row := t.empty("pgvector "+s.Scan, label, ef)
			row.Recall, row.Fill = s.Recall, s.Fill
			rows = append(rows, row)
		}
	}
	return rows, nil
}
