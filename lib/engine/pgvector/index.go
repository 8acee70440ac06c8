package pgvector

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Index implements engine.Batcher with a table in its own PostgreSQL server.
type Index struct {
	scan  scan
	o     engine.Options
	kind  string // type of the column: vector or halfvec
	empty int64  // the server's memory before the table

	server *server
	pool   *pgxpool.Pool
	ef     atomic.Int64 // atomic, because connections are opened in the background
}

// SetEfSearch implements engine.Adapter. pgvector rejects values outside 1 … 1,000.
func (x *Index) SetEfSearch(ef int) error {
	if _, err := x.pool.Exec(context.Background(), fmt.Sprintf("SET hnsw.ef_search = %d", ef)); err != nil {
		return x.server.Explain(err)
	}
	x.ef.Store(int64(ef))
	x.pool.Reset() // new connections have the new value
	return nil
}

// Ask implements engine.Adapter.
func (x *Index) Ask(ctx context.Context, query []float32, k int) (engine.Answer, error) {
	return engine.First(x.AskBatch(ctx, engine.One(query), k))
}

// AskBatch implements engine.Batcher. It sends pipelines of queries on Options.Threads connections.
func (x *Index) AskBatch(ctx context.Context, queries ann.Vectors, k int) ([]engine.Answer, error) {
	answers := make([]engine.Answer, queries.N)
	group, inGroup := errgroup.WithContext(ctx)
	group.SetLimit(x.o.Threads)
	for from := 0; from < queries.N && inGroup.Err() == nil; from += pipeline {
		to := min(from+pipeline, queries.N)
		group.Go(func() error { return x.pipe(inGroup, queries, k, from, answers[from:to]) })
	}
	if err := group.Wait(); err != nil {
		return nil, x.server.Explain(err)
	}
	return answers, ctx.Err()
}

// pipeline is the number of queries sent together. With 32, the answers to k = 500 fit into the buffers of a socket.
const pipeline = 32

// pipe sends len(answers) rows of queries, beginning with row from, and stores their answers.
func (x *Index) pipe(ctx context.Context, queries ann.Vectors, k, from int, answers []engine.Answer) error {
	query := x.query("", k)
	var batch pgx.Batch
	for i := range answers {
		batch.Queue(query, x.value(queries.Row(from+i))).Query(func(rows pgx.Rows) (err error) {
			answers[i], err = read(rows)
			return err
		})
	}
	return x.pool.SendBatch(ctx, &batch).Close()
}

// query returns the statement of a search with a WHERE clause, or "".
func (x *Index) query(where string, k int) string {
	distance := fmt.Sprintf("embedding %s $1", operators[x.o.Metric].operator)
	return fmt.Sprintf("SELECT id, %s FROM items %s ORDER BY %s LIMIT %d", distance, where, distance, k)
}

// AskBelow implements engine.Filterer.
func (x *Index) AskBelow(ctx context.Context, query []float32, k int, below int32) (engine.Answer, error) {
	rows, err := x.pool.Query(ctx, x.query(fmt.Sprintf("WHERE attribute < %d", below), k), x.value(query))
	if err != nil {
		return engine.Answer{}, x.server.Explain(err)
	}
	a, err := read(rows)
	return a, x.server.Explain(err)
}

// Delete implements engine.Deleter. It does not run VACUUM, and the server has no autovacuum.
func (x *Index) Delete(ctx context.Context, ids []int32) error {
	_, err := x.pool.Exec(ctx, "DELETE FROM items WHERE id = ANY($1)", ids)
	return x.server.Explain(err)
}

func read(rows pgx.Rows) (engine.Answer, error) {
	var (
		a        engine.Answer
		id       int32
		distance float64
	)
	_, err := pgx.ForEachRow(rows, []any{&id, &distance}, func() error {
		a.IDs, a.Distances = append(a.IDs, id), append(a.Distances, float32(distance))
		return nil
	})
	return a, err
}

// Size returns the growth of the memory of the server's processes since before the first connection, and the size of the files
// of table and index. Pages of the table and its index enter that memory when searches read them.
func (x *Index) Size() engine.Size {
	size := engine.Size{Memory: max(0, x.server.Memory()-x.empty)}
	if err := x.pool.QueryRow(context.Background(), "SELECT pg_total_relation_size('items')").Scan(&size.Disk); err != nil {
		size.Disk = 0
	}
	return size
}

// Close stops the server and removes its files.
func (x *Index) Close() error {
	x.pool.Close()
	return x.server.stop()
}
