package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"anncapacity/lib/audit/live"
	"anncapacity/lib/engine"
)

// settings are the planner's settings of the session that an exact scan changes.
type settings struct{ indexScan, seqScan, sort string }

// effort is the setting that determines how much of the index a search reads.
func (i index) effort() string {
	if i.method == "ivfflat" {
		return "ivfflat.probes"
	}
	return engine.PGVector.Parameter()
}

// iterative is the setting that lets a search continue.
func (i index) iterative() string { return i.method + ".iterative_scan" }

// mostRows is the setting that ends an iterative scan: a number of rows, or of lists.
func (i index) mostRows() string {
	if i.method == "ivfflat" {
		return "ivfflat.max_probes"
	}
	return "hnsw.max_scan_tuples"
}

// scans are the values of iterative.
func (i index) scans() []string {
	if i.method == "ivfflat" {
		return []string{"off", "relaxed_order"}
	}
	return []string{"off", "strict_order", "relaxed_order"}
}

// readSettings reads the settings that the session has: from postgresql.conf, the database, the role or the URL.
func (x *Index) readSettings(ctx context.Context) error {
	// The settings of an extension exist when its library is loaded, which its type does.
	if _, err := x.tx.Exec(ctx, "SELECT '[1]'::"+x.table.typeName); err != nil {
		return err
	}
	const planner = "SELECT current_setting('enable_indexscan'), current_setting('enable_seqscan'), current_setting('enable_sort')"
	if err := x.tx.QueryRow(ctx, planner).Scan(&x.normal.indexScan, &x.normal.seqScan, &x.normal.sort); err != nil {
		return err
	}
	const effort = "SELECT setting, min_val, max_val FROM pg_settings WHERE name = $1"
	var present, least, most string
	err := x.tx.QueryRow(ctx, effort, x.index.effort()).Scan(&present, &least, &most)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("the extension vector %s has no setting %s", x.table.version, x.index.effort())
	}
	if err != nil {
		return err
	}
	number := func(text string) (n int) {
		if err == nil {
			n, err = strconv.Atoi(text)
		}
		return n
	}
	x.now.EfSearch = number(present)
	x.least, x.most = number(least), number(most)
	if err != nil {
		return fmt.Errorf("%s: %w", x.index.effort(), err)
	}
	var scan *string // NULL before pgvector 0.8
	if err := x.tx.QueryRow(ctx, "SELECT current_setting($1, true)", x.index.iterative()).Scan(&scan); err != nil {
		return err
	}
	if scan != nil {
		x.now.Scan = *scan
	}
	x.found.Present = x.now
	return x.tx.QueryRow(ctx, "SELECT coalesce(current_setting($1, true), '')", x.index.mostRows()).Scan(&x.bound)
}

// ladder returns the settings that are asked by default. With a filter they include every kind of iterative scan.
func (x *Index) ladder() (all []live.Setting) {
	efforts := []int{20, 40, 80, 160, 320, 640, 1000}
	if x.o.Filter != "" {
		efforts = []int{40, 160, 640, 1000}
	}
	if x.index.method == "ivfflat" {
		efforts = nil
		for probes := 1; probes < x.lists(); probes *= 2 {
			efforts = append(efforts, probes)
		}
		efforts = append(efforts, x.lists())
	}
	scans := []string{x.now.Scan}
	if x.o.Filter != "" && x.now.Scan != "" {
		scans = x.index.scans()
	}
	for _, scan := range scans {
		for _, effort := range efforts {
			all = append(all, live.Setting{EfSearch: effort, Scan: scan})
		}
	}
	return all
}

// lists returns the number of lists of an IVFFlat index.
func (x *Index) lists() int {
	for _, option := range x.index.options {
		if text, ok := strings.CutPrefix(option, "lists="); ok {
			if n, err := strconv.Atoi(text); err == nil {
				return n
			}
		}
	}
	return 100 // pgvector's default
}

// Statement implements live.Engine.
func (x *Index) Statement(s live.Setting, k int) string {
	text := fmt.Sprintf("SET %s = %d;", x.index.effort(), s.EfSearch)
	if x.index.method == "hnsw" {
		text = engine.PGVector.Statement(s.EfSearch, k)
	}
	if s.Scan != x.found.Present.Scan {
		text += fmt.Sprintf("\nSET %s = %s;", x.index.iterative(), s.Scan)
	}
	return text
}

// apply sets the transaction for queries through the index at s.
func (x *Index) apply(ctx context.Context, s live.Setting) error {
	if s.EfSearch < x.least || s.EfSearch > x.most {
		return fmt.Errorf("%w: %s = %d is outside the valid range (%d to %d)", live.ErrRejected, x.index.effort(), s.EfSearch, x.least, x.most)
	}
	if s == x.now && !x.exact {
		return nil
	}
	changes := []string{x.index.effort(), strconv.Itoa(s.EfSearch)}
	if s.Scan != "" {
		changes = append(changes, x.index.iterative(), s.Scan)
	}
	changes = append(changes, "enable_indexscan", x.normal.indexScan, "enable_seqscan", x.normal.seqScan, "enable_sort", x.normal.sort)
	if err := x.set(ctx, changes...); err != nil {
		return err
	}
	x.now, x.exact = s, false
	return nil
}

// applyExact sets the transaction for exact scans. An index that orders by distance is read by an index scan only.
func (x *Index) applyExact(ctx context.Context) error {
	if x.exact {
		return nil
	}
	x.exact = true
	return x.set(ctx, "enable_indexscan", "off", "enable_seqscan", "on", "enable_sort", "on")
}
