package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"anncapacity/lib/ann"
	"anncapacity/lib/audit/live"
	"anncapacity/lib/engine"
	"anncapacity/lib/report"
)

// count counts the rows, those without a vector, and those that match the filter, and determines the dimension.
func (x *Index) count(ctx context.Context) error {
	if err := x.checkCondition(ctx); err != nil {
		return err
	}
	zero := "false"
	if x.index.metric == ann.Cosine {
		zero = "coalesce(" + x.norm() + " = 0, false)"
	}
	matches := "true"
	if x.o.Filter != "" {
		matches = "(" + x.o.Filter + ")"
	}
	var rows, vectors, zeros, matching, nullMatching, zeroMatching int
	counts := fmt.Sprintf(`SELECT count(*), count(%[1]s), count(*) FILTER (WHERE %[2]s), count(%[1]s) FILTER (WHERE %[3]s),
		count(*) FILTER (WHERE %[3]s AND %[1]s IS NULL), count(*) FILTER (WHERE %[3]s AND %[2]s) FROM %[4]s`, x.table.column, zero, matches, x.table.name)
	if err := x.tx.QueryRow(ctx, counts).Scan(&rows, &vectors, &zeros, &matching, &nullMatching, &zeroMatching); err != nil {
		return err
	}
	x.found.N, x.found.Matching = vectors, matching-zeroMatching
	if x.o.Filter != "" {
		x.found.Filter = &report.Filter{Text: x.o.Filter, Matching: x.found.Matching}
		if vectors > 0 {
			x.found.Filter.Selectivity = float64(x.found.Matching) / float64(vectors)
		}
	}
	if rows > vectors {
		x.note("%d of %d rows have no vector (NULL). An index holds none of them, and they are left out; %d of them match the filter.", rows-vectors, rows, nullMatching)
	}
	if zeros > 0 {
		x.note("%d vectors are zero and have no cosine. pgvector does not index them, and they are left out.", zeros)
	}
	x.found.D = x.table.d
	if x.found.D < 1 && vectors > 0 {
		dimension := fmt.Sprintf("SELECT %s.vector_dims(%s) FROM %s WHERE %[2]s IS NOT NULL LIMIT 1", x.table.schema, x.table.column, x.table.name)
		return x.tx.QueryRow(ctx, dimension).Scan(&x.found.D)
	}
	return nil
}

func (x *Index) note(format string, arguments ...any) {
	x.found.Notes = append(x.found.Notes, fmt.Sprintf(format, arguments...))
}

// norm returns the length of the vector in SQL.
func (x *Index) norm() string {
	if x.table.kind == "halfvec" {
		return fmt.Sprintf("%s.l2_norm(%s)", x.table.schema, x.table.column)
	}
	return fmt.Sprintf("%s.vector_norm(%s)", x.table.schema, x.table.column)
}

// checkCondition lets the server read the filter. Its error is that of the filter, unless the role has no rights.
func (x *Index) checkCondition(ctx context.Context) error {
	if x.o.Filter == "" {
		return nil
	}
	_, err := x.tx.Exec(ctx, fmt.Sprintf("EXPLAIN SELECT FROM %s WHERE (%s)", x.table.name, x.o.Filter))
	if at, ok := err.(*pgconn.PgError); ok && at.Code != "42501" {
		return fmt.Errorf("-where %s: %w", x.o.Filter, err)
	}
	return err
}

// usable returns the condition of rows that an answer can hold, in SQL.
func (x *Index) usable() string {
	conditions := []string{x.table.column + " IS NOT NULL"}
	if x.index.metric == ann.Cosine {
		conditions = append(conditions, x.norm()+" <> 0")
	}
	if x.o.Filter != "" {
		conditions = append(conditions, "("+x.o.Filter+")")
	}
	return strings.Join(conditions, " AND ")
}

// describe fills in the rest of the description.
func (x *Index) describe() {
	f := &x.found
	f.Name, f.Engine, f.Metric, f.Effort = x.o.Name+"."+x.o.Column, "pgvector "+x.index.method, x.index.metric, x.index.effort()
	f.Version = fmt.Sprintf("%s, PostgreSQL %s", x.table.version, x.conn.PgConn().ParameterStatus("server_version"))
	f.Ladder = x.ladder()
	switch {
	case x.index.method == "ivfflat":
		f.Policy, f.Uncounted = engine.Pads, true
	case x.now.Scan == "", x.now.Scan == "off":
		f.Policy = engine.PGVector.Policy
	default:
		f.Policy = engine.PGVectorIterative.Policy
	}
	x.describeIndex()
	x.note("The present setting, %s = %d%s, is that of a new session of the role. If the application sets another one, -ef-search names it.",
		f.Effort, x.now.EfSearch, x.withScan())
	if x.bound != "" && x.o.Filter != "" {
		x.note("An iterative scan ends at %s = %s, also if there are fewer rows than k.", x.index.mostRows(), x.bound)
	}
	f.How = []string{
		"Everything ran in one transaction, REPEATABLE READ READ ONLY, so that the index and the exact scan saw the same rows. Nothing was written.",
		fmt.Sprintf("Each query was: %s. $1 is its vector.", x.query("k")),
		"The exact scan was the same statement after SET LOCAL enable_indexscan = off; its plan has no index that orders by distance.",
		fmt.Sprintf("The settings were changed by SET LOCAL %s%s. A statement had a time limit of %v.", f.Effort, x.andScan(), x.o.Timeout),
	}
}

// andScan names the setting of the iterative scan, if there is one.
func (x *Index) andScan() string {
	if x.now.Scan == "" {
		return ""
	}
	return " and " + x.index.iterative()
}

// withScan returns the present kind of scan as a phrase.
func (x *Index) withScan() string {
	if x.now.Scan == "" {
		return ""
	}
	return fmt.Sprintf(" with %s = %s", x.index.iterative(), x.now.Scan)
}

// describeIndex adds notes on the index and on how rows are found.
func (x *Index) describeIndex() {
	options := ""
	if len(x.index.options) > 0 {
		options = " with " + strings.Join(x.index.options, ", ")
	}
	x.note("The index is %s (%s, %s)%s.", x.index.name, x.index.method, x.index.class, options)
	if x.index.predicate != nil {
		x.note("It is a partial index: WHERE %s. PostgreSQL uses it only for queries whose filter implies that condition.", *x.index.predicate)
	}
	if x.table.rowRules {
		x.note("Row-level security applies to the role: the audit sees the rows that the role sees.")
	}
	x.found.Notes = append(x.found.Notes, x.table.idNote)
}

var _ live.Engine = (*Index)(nil)
