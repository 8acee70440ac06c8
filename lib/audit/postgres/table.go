package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// table is the table with its column, as the catalog describes them. Names in SQL are quoted.
type table struct {
	oid       uint32
	name      string // schema and table, in SQL
	column    string // in SQL
	attribute int16  // number of the column
	kind      string // type of the column: vector or halfvec
	typeName  string // with its schema, in SQL
	schema    string // of the extension's types, in SQL
	version   string // of the extension
	d         int    // dimension of the column's type; −1 if it has none
	id        string // expression that identifies a row, in SQL
	idNote    string // how rows are identified
	rowRules  bool   // row-level security applies to the role
}

// findTable finds the table, the column and the rows' ID.
func (x *Index) findTable(ctx context.Context) error {
	if err := x.findRelation(ctx); err != nil {
		return err
	}
	if err := x.findColumn(ctx); err != nil {
		return err
	}
	return x.findID(ctx)
}

func (x *Index) findRelation(ctx context.Context) error {
	const named = `SELECT c.oid, n.nspname, c.relname, c.relkind::text, coalesce(row_security_active(c.oid), false)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f')
		AND (c.relname = $1 AND pg_table_is_visible(c.oid) OR n.nspname || '.' || c.relname = $1)`
	var schema, name, kind string
	err := x.tx.QueryRow(ctx, named, x.o.Name).Scan(&x.table.oid, &schema, &name, &kind, &x.table.rowRules)
	if errors.Is(err, pgx.ErrNoRows) {
		return x.noRelation(ctx)
	}
	if err != nil {
		return err
	}
	switch kind {
	case "v":
		return fmt.Errorf("%s is a view, which has no index: name its table", x.o.Name)
	case "f":
		return fmt.Errorf("%s is a foreign table, which has no index: audit it in its own database", x.o.Name)
	}
	x.table.name = pgx.Identifier{schema, name}.Sanitize()
	return nil
}

// noRelation returns the error for a table that does not exist or is not in the search path, with a name that is meant perhaps.
func (x *Index) noRelation(ctx context.Context) error {
	const alike = `SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'm') AND lower(c.relname) = lower($1) ORDER BY 1 LIMIT 1`
	var other string
	err := x.tx.QueryRow(ctx, alike, x.o.Name).Scan(&other)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("there is no table %q in the search path of the role (with a schema: -table schema.table)", x.o.Name)
	case err != nil:
		return err
	}
	return fmt.Errorf("there is no table %q in the search path of the role, but there is -table %s", x.o.Name, other)
}

func (x *Index) findColumn(ctx context.Context) error {
	const named = `SELECT a.attnum, a.atttypmod, t.typname, tn.nspname, coalesce(e.extversion, '')
		FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace tn ON tn.oid = t.typnamespace
		LEFT JOIN pg_extension e ON e.extname = 'vector'
		WHERE a.attrelid = $1 AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped`
	var schema string
	var modifier int32
	err := x.tx.QueryRow(ctx, named, x.table.oid, x.o.Column).Scan(&x.table.attribute, &modifier, &x.table.kind, &schema, &x.table.version)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("table %s has no column %q", x.o.Name, x.o.Column)
	}
	if err != nil {
		return err
	}
	switch x.table.kind {
	case "vector", "halfvec":
	case "bit", "varbit", "sparsevec":
		return fmt.Errorf("column %s has type %s, which the audit does not serve: it serves vector and halfvec", x.o.Column, x.table.kind)
	default:
		return fmt.Errorf("column %s has type %s, not vector or halfvec", x.o.Column, x.table.kind)
	}
	x.table.d, x.table.column = int(modifier), pgx.Identifier{x.o.Column}.Sanitize()
	x.table.schema = pgx.Identifier{schema}.Sanitize()
	x.table.typeName = pgx.Identifier{schema, x.table.kind}.Sanitize()
	return nil
}

// findID determines the expression that identifies a row. A named column must exist and be unique.
func (x *Index) findID(ctx context.Context) error {
	if x.o.ID == "" {
		return x.defaultID(ctx)
	}
	const unique = `SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid
			AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum AND i.indpred IS NULL)
		FROM pg_attribute a WHERE a.attrelid = $1 AND a.attname = $2 AND NOT a.attisdropped`
	var is bool
	err := x.tx.QueryRow(ctx, unique, x.table.oid, x.o.ID).Scan(&is)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("table %s has no column %q", x.o.Name, x.o.ID)
	}
	if err != nil {
		return err
	}
	x.table.id = pgx.Identifier{x.o.ID}.Sanitize() + "::text"
	x.table.idNote = "Rows are identified by the column " + x.o.ID + "."
	if is || x.o.ID == "ctid" {
		return nil
	}
	var repeated int
	err = x.tx.QueryRow(ctx, fmt.Sprintf("SELECT count(*) - count(DISTINCT %s) FROM %s", x.table.id, x.table.name)).Scan(&repeated)
	if err == nil && repeated > 0 {
		return fmt.Errorf("-id %s does not identify rows: %d values are repeated or NULL (without -id the audit uses the primary key or the row's place)", x.o.ID, repeated)
	}
	return err
}

func (x *Index) defaultID(ctx context.Context) error {
	const primary = `SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
		WHERE i.indrelid = $1 AND i.indisprimary AND i.indnkeyatts = 1`
	var name string
	err := x.tx.QueryRow(ctx, primary, x.table.oid).Scan(&name)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		x.table.id, x.table.idNote = "tableoid::text || ctid::text", "Rows are identified by their place (tableoid and ctid), because the table has no primary key of one column."
		return nil
	case err != nil:
		return err
	}
	x.table.id, x.table.idNote = pgx.Identifier{name}.Sanitize()+"::text", "Rows are identified by the primary key "+name+"."
	return nil
}
