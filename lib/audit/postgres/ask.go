package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"anncapacity/lib/audit/live"
)

// query returns the statement that asks for limit rows. $1 is the vector.
func (x *Index) query(limit string) string {
	distance := fmt.Sprintf("%s OPERATOR(%s.%s) $1::%s", x.table.column, x.table.schema, operators[x.index.metric].operator, x.table.typeName)
	where := ""
	if x.o.Filter != "" {
		where = " WHERE (" + x.o.Filter + ")"
	}
	return fmt.Sprintf("SELECT %s, %s FROM %s%s ORDER BY %[2]s LIMIT %[5]s", x.table.id, distance, x.table.name, where, limit)
}

// text returns a vector in the form that pgvector reads.
func text(vector []float32) string {
	b := []byte{'['}
	for i, v := range vector {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, float64(v), 'g', -1, 32)
	}
	return string(append(b, ']'))
}

// Ask implements live.Engine.
func (x *Index) Ask(ctx context.Context, vector []float32, k int, s live.Setting) (live.Answer, error) {
	if err := x.apply(ctx, s); err != nil {
		return live.Answer{}, x.failed(ctx, err)
	}
	return x.answer(ctx, vector, k)
}

// Exact implements live.Engine. Before the first exact scan it checks that its plan does not use the index.
func (x *Index) Exact(ctx context.Context, vector []float32, k int) (live.Answer, error) {
	if !x.exact {
		if err := x.applyExact(ctx); err != nil {
			return live.Answer{}, x.failed(ctx, err)
		}
		plan, err := x.explained(ctx, vector, k)
		if err != nil {
			return live.Answer{}, err
		}
		if *plan.UsesIndex {
			return live.Answer{}, fmt.Errorf("the plan uses an index: %s", plan.Text)
		}
	}
	return x.answer(ctx, vector, k)
}

// answer asks a query as the transaction is set. Rows without a distance are left out: they have no vector, or a zero vector
// under the cosine, and come last.
func (x *Index) answer(ctx context.Context, vector []float32, k int) (a live.Answer, err error) {
	argument, statement := text(vector), x.query(strconv.Itoa(k))
	begin := time.Now()
	rows, err := x.tx.Query(ctx, statement, argument)
	if err != nil {
		return a, x.failed(ctx, err)
	}
	var id *string
	var distance *float64
	_, err = pgx.ForEachRow(rows, []any{&id, &distance}, func() error {
		if id == nil {
			return errors.New("the ID of a row is NULL: name another column with -id")
		}
		if distance != nil && !math.IsNaN(*distance) {
			a.IDs, a.Distances = append(a.IDs, *id), append(a.Distances, *distance)
		}
		return nil
	})
	a.Took = time.Since(begin)
	return a, x.failed(ctx, err)
}

// failed explains an error of a statement.
func (x *Index) failed(ctx context.Context, err error) error { return x.explain(interrupted(ctx, err)) }

// Plan implements live.Engine.
func (x *Index) Plan(ctx context.Context, vector []float32, k int, s live.Setting) (live.Plan, error) {
	if err := x.apply(ctx, s); err != nil {
		return live.Plan{}, x.failed(ctx, err)
	}
	return x.explained(ctx, vector, k)
}

// node is a node of a plan of EXPLAIN (FORMAT JSON).
type node struct {
	Type    string `json:"Node Type"`
	Index   string `json:"Index Name"`
	Table   string `json:"Relation Name"`
	OrderBy string `json:"Order By"`
	Plans   []node
}

// explained returns the plan of a query as the transaction is set.
func (x *Index) explained(ctx context.Context, vector []float32, k int) (live.Plan, error) {
	var output string
	err := x.tx.QueryRow(ctx, "EXPLAIN (FORMAT JSON, COSTS off) "+x.query(strconv.Itoa(k)), text(vector)).Scan(&output)
	if err != nil {
		return live.Plan{}, x.failed(ctx, err)
	}
	var plans []struct{ Plan node }
	if err := json.Unmarshal([]byte(output), &plans); err != nil || len(plans) != 1 {
		return live.Plan{}, fmt.Errorf("EXPLAIN returned a plan that is not understood: %v", err)
	}
	var words []string
	uses := plans[0].Plan.walk(&words)
	return live.Plan{UsesIndex: &uses, Text: strings.Join(words, " ← ")}, nil
}

// walk appends the nodes in words and reports whether one reads an index in the order of distances.
func (n node) walk(words *[]string) bool {
	word := n.Type
	switch {
	case n.Index != "":
		word += " on " + n.Index
	case n.Table != "":
		word += " on " + n.Table
	}
	*words = append(*words, word)
	uses := n.OrderBy != ""
	for _, below := range n.Plans {
		uses = below.walk(words) || uses
	}
	return uses
}

// Sample implements live.Engine. The order is that of a hash of the ID, which depends on seed.
func (x *Index) Sample(ctx context.Context, n int, seed uint64) (queries []live.Query, err error) {
	statement := fmt.Sprintf("SELECT %s, %s::real[] FROM %s WHERE %s ORDER BY hashtextextended(%[1]s, %[5]d), 1 LIMIT %[6]d",
		x.table.id, x.table.column, x.table.name, x.usable(), int64(seed), n)
	err = x.each(ctx, statement, func(id string, vector []float32) error {
		queries = append(queries, live.Query{Name: id, Stored: true, Vector: vector})
		return nil
	})
	return queries, err
}

// Vectors implements live.Engine.
func (x *Index) Vectors(ctx context.Context, yield func(id string, vector []float32) error) error {
	return x.each(ctx, fmt.Sprintf("SELECT %s, %s::real[] FROM %s WHERE %s", x.table.id, x.table.column, x.table.name, x.usable()), yield)
}

// each calls yield with the rows of a statement, an ID and a vector each.
func (x *Index) each(ctx context.Context, statement string, yield func(id string, vector []float32) error) error {
	rows, err := x.tx.Query(ctx, statement)
	if err != nil {
		return x.failed(ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		var id *string
		var vector []float32
		if err := rows.Scan(&id, &vector); err != nil {
			return x.failed(ctx, err)
		}
		if id == nil {
			return errors.New("the ID of a row is NULL: name another column with -id")
		}
		if err := yield(*id, vector); err != nil {
			return err
		}
	}
	return x.failed(ctx, rows.Err())
}
