package driver

import (
	"context"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"anncapacity/lib/audit/live"
)

// statement returns the statement of a query in the given order. ? is the vector.
func (f *file) statement(limit, order string) string {
	where := ""
	if f.o.Filter != "" {
		where = " WHERE (" + f.o.Filter + ")"
	}
	return fmt.Sprintf("SELECT %s AS id, %s(%s, ?::FLOAT[%d]) AS distance FROM %s%s ORDER BY %s LIMIT %s",
		f.row, metrics[f.found.Metric].function, quote(f.names.column), f.found.D, f.table, where, order, limit)
}

// set sets hnsw_ef_search. At the present setting it is not set.
func (f *file) set(ctx context.Context, s live.Setting) error {
	if s == f.now {
		return nil
	}
	f.now = s
	if s == f.found.Present {
		return f.exec(ctx, "RESET GLOBAL hnsw_ef_search")
	}
	return f.exec(ctx, fmt.Sprintf("SET GLOBAL hnsw_ef_search = %d", s.EfSearch))
}

// Ask implements live.Engine.
func (f *file) Ask(ctx context.Context, vector []float32, k int, s live.Setting) (live.Answer, error) {
	if err := f.set(ctx, s); err != nil {
		return live.Answer{}, err
	}
	return f.answer(ctx, f.statement(fmt.Sprint(k), "distance"), vector)
}

// exactOrder is the order of an exact scan: the index is used only where the order is the distance itself.
const exactOrder = "distance + 0"

// Exact implements live.Engine.
func (f *file) Exact(ctx context.Context, vector []float32, k int) (live.Answer, error) {
	return f.answer(ctx, f.statement(fmt.Sprint(k), exactOrder), vector)
}

func (f *file) answer(ctx context.Context, statement string, vector []float32) (a live.Answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	begin := time.Now()
	rows, err := f.db.QueryContext(ctx, statement, vector)
	if err != nil {
		return a, f.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var distance *float64 // NULL for a row without a vector, which comes last
		if err := rows.Scan(&id, &distance); err != nil {
			return a, f.explain(err)
		}
		if distance != nil && !math.IsNaN(*distance) {
			a.IDs, a.Distances = append(a.IDs, id), append(a.Distances, *distance)
		}
	}
	a.Took = time.Since(begin)
	return a, f.explain(rows.Err())
}

// operatorName matches the name of an operator in a drawn plan.
var operatorName = regexp.MustCompile(`│\s+([A-Z][A-Z_]{3,})\s+│`)

// Plan implements live.Engine.
func (f *file) Plan(ctx context.Context, vector []float32, k int, s live.Setting) (live.Plan, error) {
	if err := f.set(ctx, s); err != nil {
		return live.Plan{}, err
	}
	text, err := f.explained(ctx, vector, k, "distance")
	uses := strings.Contains(text, "HNSW_INDEX_SCAN")
	return live.Plan{UsesIndex: &uses, Text: operators(text)}, err
}

func (f *file) explained(ctx context.Context, vector []float32, k int, order string) (text string, err error) {
	var kind string
	err = f.one(ctx, "EXPLAIN "+f.statement(fmt.Sprint(k), order), []any{vector}, &kind, &text)
	return text, err
}

// operators returns the names of the operators of a plan.
func operators(plan string) string {
	var names []string
	for _, match := range operatorName.FindAllStringSubmatch(plan, -1) {
		if !slices.Contains(names, match[1]) {
			names = append(names, match[1])
		}
	}
	return strings.Join(names, " ← ")
}

// Sample implements live.Engine. The order is that of a hash of the ID, which depends on seed.
func (f *file) Sample(ctx context.Context, n int, seed uint64) (queries []live.Query, err error) {
	order := fmt.Sprintf(" ORDER BY hash(%s, %d::UBIGINT), 1 LIMIT %d", f.row, seed, n)
	err = f.each(ctx, order, func(id string, vector []float32) error {
		queries = append(queries, live.Query{Name: id, Stored: true, Vector: vector})
		return nil
	})
	return queries, err
}

// Vectors implements live.Engine.
func (f *file) Vectors(ctx context.Context, yield func(id string, vector []float32) error) error {
	return f.each(ctx, "", yield)
}

// each calls yield with the rows that have a usable vector and match the filter, in the given order.
func (f *file) each(ctx context.Context, order string, yield func(id string, vector []float32) error) error {
	ctx, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	rows, err := f.db.QueryContext(ctx, fmt.Sprintf("SELECT %s AS id, %s FROM %s WHERE %s%s", f.row, quote(f.names.column), f.table, f.usable(), order))
	if err != nil {
		return f.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var numbers any
		if err := rows.Scan(&id, &numbers); err != nil {
			return f.explain(err)
		}
		vector, err := float32s(numbers)
		if err != nil {
			return fmt.Errorf("row %s: %w", id, err)
		}
		if err := yield(id, vector); err != nil {
			return err
		}
	}
	return f.explain(rows.Err())
}

// float32s returns the numbers of an array of DuckDB.
func float32s(numbers any) ([]float32, error) {
	list, ok := numbers.([]any)
	if !ok {
		return nil, fmt.Errorf("a vector has the type %T", numbers)
	}
	vector := make([]float32, len(list))
	for i, x := range list {
		if vector[i], ok = x.(float32); !ok {
			return nil, errors.New("a vector has a coordinate that is NULL")
		}
	}
	return vector, nil
}

var _ live.Session = (*file)(nil)
