package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"anncapacity/lib/ann"
)

// index is an index on the column.
type index struct {
	name, method, class string
	valid               bool
	predicate           *string  // of a partial index
	options             []string // of CREATE INDEX … WITH
	metric              ann.Metric
}

// operators holds pgvector's operators and the ends of the names of its operator classes.
var operators = map[ann.Metric]struct{ operator, class string }{
	ann.Euclidean:    {"<->", "l2_ops"},
	ann.Cosine:       {"<=>", "cosine_ops"},
	ann.InnerProduct: {"<#>", "ip_ops"},
}

// findIndex finds the index to audit: the only one on the column, or the only one of the metric.
func (x *Index) findIndex(ctx context.Context) error {
	all, err := x.indexes(ctx)
	if err != nil {
		return err
	}
	served, others := x.served(all)
	if len(served) == 0 {
		return x.noIndex(ctx, others)
	}
	fitting := slices.DeleteFunc(slices.Clone(served), func(i index) bool { return x.o.Metric != nil && i.metric != *x.o.Metric })
	if len(fitting) == 0 {
		return fmt.Errorf("table %s has no index for the metric %s on %s: %s", x.o.Name, *x.o.Metric, x.o.Column, names(served))
	}
	valid := slices.DeleteFunc(slices.Clone(fitting), func(i index) bool { return !i.valid })
	if len(valid) == 0 {
		return x.invalid(ctx, fitting[0])
	}
	for _, i := range valid {
		if i.metric != valid[0].metric {
			return fmt.Errorf("column %s has indexes for several metrics: choose one with -metric: %s", x.o.Column, names(valid))
		}
		if i.method != valid[0].method {
			return fmt.Errorf("column %s has indexes of several kinds for the metric %s, and the planner chooses: %s", x.o.Column, i.metric, names(valid))
		}
	}
	x.index = valid[0]
	return nil
}

// indexes returns the indexes on the column, and those on expressions, whose access method is not one of PostgreSQL's own.
func (x *Index) indexes(ctx context.Context) (all []index, err error) {
	const onColumn = `SELECT ic.relname, am.amname, opc.opcname, i.indisvalid AND i.indisready, pg_get_expr(i.indpred, i.indrelid),
			coalesce(ic.reloptions, '{}')::text[], i.indkey[0] = 0
		FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_am am ON am.oid = ic.relam
		JOIN pg_opclass opc ON opc.oid = i.indclass[0]
		WHERE i.indrelid = $1 AND i.indkey[0] IN (0, $2) AND am.amname NOT IN ('btree', 'hash', 'gin', 'gist', 'spgist', 'brin')
		ORDER BY ic.relname`
	rows, err := x.tx.Query(ctx, onColumn, x.table.oid, x.table.attribute)
	if err != nil {
		return nil, err
	}
	var i index
	var expression bool
	_, err = pgx.ForEachRow(rows, []any{&i.name, &i.method, &i.class, &i.valid, &i.predicate, &i.options, &expression}, func() error {
		if expression {
			i.class += " on an expression"
		}
		i.options = slices.Clone(i.options)
		all = append(all, i)
		return nil
	})
	return all, err
}

// served separates the indexes that can be audited from others.
func (x *Index) served(all []index) (served, others []index) {
	for _, i := range all {
		known := false
		for m, o := range operators {
			if (i.method == "hnsw" || i.method == "ivfflat") && i.class == x.table.kind+"_"+o.class {
				i.metric, known = m, true
			}
		}
		if known {
			served = append(served, i)
		} else {
			others = append(others, i)
		}
	}
	return served, others
}

// names lists indexes with their access methods and operator classes.
func names(all []index) string {
	var words []string
	for _, i := range all {
		words = append(words, fmt.Sprintf("%s (%s, %s)", i.name, i.method, i.class))
	}
	return strings.Join(words, ", ")
}

// noIndex returns the error for a column without an index that can be audited.
func (x *Index) noIndex(ctx context.Context, others []index) error {
	if len(others) > 0 {
		return fmt.Errorf("column %s of %s has no index that the audit serves (hnsw or ivfflat on the column, for l2, cosine or ip): %s", x.o.Column, x.o.Name, names(others))
	}
	building, err := x.building(ctx)
	if err != nil {
		return err
	}
	if building != "" {
		return fmt.Errorf("column %s of %s has no index yet: %s", x.o.Column, x.o.Name, building)
	}
	return fmt.Errorf("column %s of %s has no hnsw or ivfflat index: every search is an exact scan", x.o.Column, x.o.Name)
}

// invalid returns the error for an index that PostgreSQL does not use.
func (x *Index) invalid(ctx context.Context, i index) error {
	building, err := x.building(ctx)
	if err != nil {
		return err
	}
	if building != "" {
		return fmt.Errorf("index %s cannot be used yet: %s", i.name, building)
	}
	return fmt.Errorf("index %s is invalid: a CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY that failed has left it. PostgreSQL does not use it; DROP INDEX removes it, REINDEX repairs it", i.name)
}

// building says how far the construction of an index on the table is, "" if there is none. A role without the rights of
// pg_read_all_stats does not see of which table another role builds an index, but sees the lock that it holds.
func (x *Index) building(ctx context.Context) (string, error) {
	const progress = `SELECT phase, coalesce(100 * tuples_done / nullif(tuples_total, 0), 0)::int
		FROM pg_stat_progress_create_index WHERE relid = $1 AND datname = current_database() LIMIT 1`
	var phase string
	var percent int
	err := x.tx.QueryRow(ctx, progress, x.table.oid).Scan(&phase, &percent)
	if err == nil {
		return fmt.Sprintf("an index is under construction (%s, %d %%)", phase, percent), nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return "", err
	}
	const locked = `SELECT EXISTS (SELECT FROM pg_locks WHERE relation = $1 AND granted AND mode IN ('ShareLock', 'ShareUpdateExclusiveLock')
		AND pid IN (SELECT pid FROM pg_stat_progress_create_index))`
	var is bool
	if err := x.tx.QueryRow(ctx, locked, x.table.oid).Scan(&is); err != nil || !is {
		return "", err
	}
	return "an index is under construction", nil
}
