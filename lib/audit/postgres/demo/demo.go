// Package demo fills a database with a table on which the audit of package postgres is tested and shown: vectors in clusters with
// an HNSW index, a column to filter by, and a role that may only read.
package demo

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"

	"github.com/jackc/pgx/v5"
	"github.com/pgvector/pgvector-go"
	pgxvec "github.com/pgvector/pgvector-go/pgx"

	"anncapacity/lib/internal/progress"
)

// Options are those of the table. The same options give the same rows; the index is built with some chance by pgvector.
type Options struct {
	Rows, D  int
	Seed     uint64
	Progress io.Writer // nil means that the progress is discarded
}

// Table, Column and Role are the names of the table, its column of vectors, and the role that may only read the table.
const (
	Table  = "items"
	Column = "embedding"
	Role   = "auditor"
)

// Filters are conditions that 1 %, 10 % and 50 % of the rows match. They are independent of the vectors.
var Filters = []string{"status = 'new'", "status = 'featured'", "status = 'active'"}

// Fill creates the table, the index and the role. The role of the connection must be able to.
func Fill(ctx context.Context, conn *pgx.Conn, o Options) error {
	if o.Rows < 1 || o.D < 1 {
		return fmt.Errorf("a table of %d rows of dimension %d: both must be at least 1", o.Rows, o.D)
	}
	if err := pgxvec.RegisterTypes(ctx, conn); err != nil {
		return err
	}
	create := fmt.Sprintf("CREATE TABLE items (id bigint PRIMARY KEY, status text NOT NULL, embedding vector(%d) NOT NULL)", o.D)
	if _, err := conn.Exec(ctx, create); err != nil {
		return err
	}
	bar := progress.New(o.Progress, "rows of items", o.Rows, "rows")
	defer bar.Stop()
	g := newGenerator(o)
	_, err := conn.CopyFrom(ctx, pgx.Identifier{Table}, []string{"id", "status", Column}, pgx.CopyFromFunc(func() ([]any, error) {
		if g.next == o.Rows {
			return nil, nil
		}
		bar.Add(1)
		return g.row(), nil
	}))
	if err != nil {
		return err
	}
	const finish = `CREATE INDEX items_embedding ON items USING hnsw (embedding vector_l2_ops) WITH (m = 16, ef_construction = 64);
		ANALYZE items; CREATE ROLE auditor LOGIN; GRANT SELECT ON items TO auditor`
	stop := progress.Spin(o.Progress, "index of items")
	defer stop()
	_, err = conn.Exec(ctx, finish)
	return err
}

// clusters is the number of clusters of the vectors.
const clusters = 500

// generator makes the rows.
type generator struct {
	random  *rand.Rand
	next, d int
	centres []float32
}

func newGenerator(o Options) *generator {
	g := &generator{random: rand.New(rand.NewPCG(o.Seed, 0)), d: o.D, centres: make([]float32, clusters*o.D)}
	for i := range g.centres {
		g.centres[i] = float32(g.random.NormFloat64())
	}
	return g
}

// row returns the next row: its number, a status, and a normally distributed vector around one of the centres.
func (g *generator) row() []any {
	const spread = .7
	vector := make([]float32, g.d)
	centre := g.centres[g.random.IntN(clusters)*g.d:]
	for i := range vector {
		vector[i] = centre[i] + float32(spread*float32(g.random.NormFloat64()))
	}
	row := []any{int64(g.next), status(g.random.IntN(100)), pgvector.NewVector(vector)}
	g.next++
	return row
}

// status returns new for 1, featured for 10 and active for 50 of 100 numbers.
func status(number int) string {
	switch {
	case number < 1:
		return "new"
	case number < 11:
		return "featured"
	case number < 61:
		return "active"
	}
	return "archived"
}
