package driver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/audit/live"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/report"
)

// Audited opens indexes of vss in files of DuckDB to be read only.
var Audited = live.Driver{Flag: "duckdb", Open: func(ctx context.Context, o live.Target) (live.Session, error) { return openFile(ctx, o) }}

// file is an HNSW index of vss in a file of DuckDB. It implements live.Session. The file is attached READ_ONLY: no process can write
// it meanwhile, so that all queries see the same rows. Files other than this one cannot be read or written, whatever the filter
// says.
type file struct {
	o     live.Target
	db    *sql.DB
	table string // in SQL
	row   string // expression that identifies a row, in SQL
	names struct{ schema, table, column string }
	found live.Index
	now   live.Setting
}

// openFile opens the file and finds the index. The fields of the target are those of a table; Filter is a condition in SQL.
func openFile(ctx context.Context, o live.Target) (*file, error) {
	if o.Timeout == 0 {
		o.Timeout = time.Minute
	}
	if err := live.CheckCondition(o.Filter); err != nil {
		return nil, fmt.Errorf("-where %s: %w", o.Filter, err)
	}
	path, err := checkout.Installed(extension)
	if err != nil {
		return nil, fmt.Errorf("the extension vss: %w: make engines", err)
	}
	f := &file{o: o}
	if f.db, err = database(ctx, path, runtime.GOMAXPROCS(0)); err != nil {
		return nil, err
	}
	f.db.SetMaxOpenConns(1) // its settings hold for every query
	for _, step := range []func(context.Context) error{f.attach, f.findTable, f.findIndex, f.count} {
		if err := step(ctx); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	f.describe()
	return f, nil
}

// attached is the name of the database in the file.
const attached = "audited"

func (f *file) attach(ctx context.Context) error {
	for _, statement := range []string{
		"ATTACH '" + strings.ReplaceAll(f.o.Address, "'", "''") + "' AS " + attached + " (TYPE duckdb, READ_ONLY)",
		"USE " + attached,
		"SET enable_external_access = false",
	} {
		if err := f.exec(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// exec executes a statement within the time limit.
func (f *file) exec(ctx context.Context, statement string, arguments ...any) error {
	ctx, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	_, err := f.db.ExecContext(ctx, statement, arguments...)
	return f.explain(err)
}

// one reads the only row of a query.
func (f *file) one(ctx context.Context, query string, arguments []any, into ...any) error {
	ctx, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	return f.explain(f.db.QueryRowContext(ctx, query, arguments...).Scan(into...))
}

// explain adds the time limit to the error of a statement that exceeded it.
func (f *file) explain(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%w (the time limit of a statement is %v: -timeout)", err, f.o.Timeout)
	}
	return err
}

// quote returns a name in SQL.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

var arrayType = regexp.MustCompile(`^FLOAT\[(\d+)\]$`)

// findTable finds the table, the column, and what identifies a row.
func (f *file) findTable(ctx context.Context) error {
	const named = `SELECT schema_name, table_name FROM duckdb_tables()
		WHERE database_name = ? AND NOT internal AND (table_name = ? OR schema_name || '.' || table_name = ?) ORDER BY schema_name <> 'main', 1 LIMIT 1`
	err := f.one(ctx, named, []any{attached, f.o.Name, f.o.Name}, &f.names.schema, &f.names.table)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%s has no table %q", f.o.Address, f.o.Name)
	}
	if err != nil {
		return err
	}
	f.table = attached + "." + quote(f.names.schema) + "." + quote(f.names.table)
	kind, err := f.kind(ctx, f.o.Column)
	if err != nil {
		return err
	}
	match := arrayType.FindStringSubmatch(kind)
	if match == nil {
		return fmt.Errorf("column %s has type %s, which no HNSW index supports: it must be FLOAT[n]", f.o.Column, kind)
	}
	f.names.column = f.o.Column
	if f.found.D, err = strconv.Atoi(match[1]); err != nil {
		return err
	}
	return f.findRow(ctx)
}

// kind returns the type of a column.
func (f *file) kind(ctx context.Context, column string) (kind string, err error) {
	const named = `SELECT data_type FROM duckdb_columns() WHERE database_name = ? AND schema_name = ? AND table_name = ? AND column_name = ?`
	err = f.one(ctx, named, []any{attached, f.names.schema, f.names.table, column}, &kind)
	if errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("table %s has no column %q", f.o.Name, column)
	}
	return kind, err
}

// findRow determines what identifies a row: the given column, which must be unique, or the rowid.
func (f *file) findRow(ctx context.Context) error {
	if f.o.ID == "" {
		f.row = "rowid::VARCHAR"
		f.note("Rows are identified by their rowid; -id names a column.")
		return nil
	}
	if _, err := f.kind(ctx, f.o.ID); err != nil {
		return err
	}
	f.row = quote(f.o.ID) + "::VARCHAR"
	f.note("Rows are identified by the column %s.", f.o.ID)
	var repeated int
	err := f.one(ctx, fmt.Sprintf("SELECT count(*) - count(DISTINCT %s) FROM %s", f.row, f.table), nil, &repeated)
	if err == nil && repeated > 0 {
		return fmt.Errorf("-id %s does not identify rows: %d values are repeated or NULL (without -id the audit uses the rowid)", f.o.ID, repeated)
	}
	return err
}

func (f *file) note(format string, arguments ...any) {
	f.found.Notes = append(f.found.Notes, fmt.Sprintf(format, arguments...))
}

// findIndex finds the HNSW index of the column.
func (f *file) findIndex(ctx context.Context) error {
	const indexes = `SELECT h.index_name, h.metric, h.count FROM pragma_hnsw_index_info() h JOIN duckdb_indexes() i USING (index_name, table_name, schema_name)
		WHERE i.database_name = ? AND i.schema_name = ? AND i.table_name = ? AND lower(i.expressions::VARCHAR) IN (lower(?), lower(?))`
	ctx, cancel := context.WithTimeout(ctx, f.o.Timeout)
	defer cancel()
	column := f.names.column
	rows, err := f.db.QueryContext(ctx, indexes, attached, f.names.schema, f.names.table, "["+column+"]", "['"+quote(column)+"']")
	if err != nil {
		return f.explain(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var name, metric string
		var count int
		if err := rows.Scan(&name, &metric, &count); err != nil {
			return err
		}
		for m, names := range metrics {
			if names.index == metric && (f.o.Metric == nil || *f.o.Metric == m) {
				f.found.Metric = m
				f.note("The index is %s (HNSW, %s) with %d vectors.", name, metric, count)
			}
		}
		all = append(all, fmt.Sprintf("%s (%s)", name, metric))
	}
	return errors.Join(rows.Err(), f.checkIndexes(all))
}

func (f *file) checkIndexes(all []string) error {
	switch {
	case len(all) == 0:
		return fmt.Errorf("column %s of %s has no HNSW index: every search is an exact scan", f.names.column, f.o.Name)
	case len(all) > 1:
		return fmt.Errorf("column %s of %s has several HNSW indexes, and DuckDB chooses: %s", f.names.column, f.o.Name, strings.Join(all, ", "))
	case len(f.found.Notes) < 2:
		return fmt.Errorf("column %s of %s has no index for the metric %s: %s", f.names.column, f.o.Name, *f.o.Metric, all[0])
	}
	return nil
}

// usable returns the condition of rows that a query can be, and that an exact search here can find.
func (f *file) usable() string {
	column := quote(f.names.column)
	conditions := []string{column + " IS NOT NULL"}
	if f.found.Metric == ann.Cosine {
		conditions = append(conditions, fmt.Sprintf("array_inner_product(%s, %s) <> 0", column, column))
	}
	if f.o.Filter != "" {
		conditions = append(conditions, "("+f.o.Filter+")")
	}
	return strings.Join(conditions, " AND ")
}

// count counts the rows, those without a vector, and those that match the filter.
func (f *file) count(ctx context.Context) error {
	var rows, usable int
	if err := f.one(ctx, fmt.Sprintf("SELECT count(*), count(%s) FROM %s", quote(f.names.column), f.table), nil, &rows, &f.found.N); err != nil {
		return err
	}
	if err := f.one(ctx, fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", f.table, f.usable()), nil, &usable); err != nil {
		if f.o.Filter != "" {
			return fmt.Errorf("-where %s: %w", f.o.Filter, err)
		}
		return err
	}
	f.found.Matching = usable
	if rows > f.found.N {
		f.note("%d of %d rows have no vector (NULL), and are left out.", rows-f.found.N, rows)
	}
	if f.o.Filter == "" {
		if usable < f.found.N {
			f.note("%d vectors are zero and have no cosine. They are no queries; DuckDB gives them the distance 2.", f.found.N-usable)
		}
		return nil
	}
	f.found.Filter = &report.Filter{Text: f.o.Filter, Matching: usable}
	if f.found.N > 0 {
		f.found.Filter.Selectivity = float64(usable) / float64(f.found.N)
	}
	return nil
}

// defaultEf is the efSearch of an index of vss that was created without ef_search. DuckDB does not show that of an index.
const defaultEf = 64

// describe fills in the rest of the description.
func (f *file) describe() {
	x := &f.found
	x.Name, x.Engine, x.Version, x.Effort, x.Policy = f.o.Name+"."+f.names.column, "DuckDB vss HNSW", version(), engine.DuckDB.Parameter(), engine.DuckDB.Policy
	x.Present = live.Setting{EfSearch: defaultEf}
	f.now = x.Present
	for _, ef := range []int{16, 32, 64, 128, 256, 512, 1024} {
		x.Ladder = append(x.Ladder, live.Setting{EfSearch: ef})
	}
	f.note("At the present setting hnsw_ef_search is not set. Then the ef_search of the index holds, which DuckDB does not show; its default, %d, is reported.", defaultEf)
	x.How = []string{
		"The file was attached READ_ONLY, so that nobody could write it meanwhile.",
		fmt.Sprintf("Each query was: %s (? is its vector).", f.statement("k", "distance")),
		"The exact scan was the same statement with ORDER BY distance + 0, for which DuckDB does not use the index.",
	}
	if f.o.Filter != "" {
		x.How = append(x.How, "DuckDB applies the filter to the rows that the index returns, so that an answer has fewer rows than k.")
	}
}

// Index implements live.Engine.
func (f *file) Index() live.Index { return f.found }

// Close implements live.Session.
func (f *file) Close() error { return f.db.Close() }

// Statement implements live.Engine.
func (f *file) Statement(s live.Setting, k int) string {
	return engine.DuckDB.Statement(s.EfSearch, k)
}
