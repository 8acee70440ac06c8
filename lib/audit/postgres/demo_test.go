package postgres

import (
	"fmt"
	"os"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"anncapacity/lib/audit/live"
	"anncapacity/lib/audit/postgres/demo"
	"anncapacity/lib/report"
)

// rows returns the number of rows of the table: AUDIT_ROWS, or 20,000.
func rows(t *testing.T) int {
	text := os.Getenv("AUDIT_ROWS")
	if text == "" {
		return 20_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("AUDIT_ROWS=%s: %v", text, err)
	}
	return n
}

// pgvector's known behaviour appears on a table with filters: without an iterative scan few rows come back, with one k rows do.
// AUDIT_ROWS=200000 takes minutes.
func TestFilters(t *testing.T) {
	f := newFixture(t)
	if err := demo.Fill(t.Context(), f.owner, demo.Options{Rows: rows(t), D: 64, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	unfiltered := f.audit(t, f.options(demo.Table, ""), live.Options{K: []int{40}, Sample: 60, EfSearch: []int{40, 400}})
	if s := setting(t, unfiltered, 40, 40, "off"); s.Fill != 1 || s.Recall < .5 || !s.Present || !*s.UsesIndex {
		t.Errorf("without a filter: %+v", s)
	}
	checkWorst(t, f, unfiltered, "")
	for i, share := range []float64{.01, .1, .5} {
		where := demo.Filters[i]
		r := f.audit(t, f.options(demo.Table, where), live.Options{K: []int{40}, Sample: 60, EfSearch: []int{40, 400}})
		if r.Filter.Selectivity < .8*share || r.Filter.Selectivity > 1.2*share {
			t.Errorf("%s: %+v", where, r.Filter)
		}
		for _, s := range r.Settings {
			t.Logf("%-18s ef %4d %-14s recall %.3f fill %.3f index %v", where, s.EfSearch, s.Scan, s.RecallByDistance, s.Fill, *s.UsesIndex)
			checkFiltered(t, where, share, s)
		}
		checkWorst(t, f, r, where)
	}
	o := f.options(demo.Table, demo.Filters[0])
	o.Address += "&options=-c%20enable_seqscan%3Doff" // the planner would not use the index on a small table
	r := f.audit(t, o, live.Options{K: []int{40}, Sample: 30, EfSearch: []int{40}})
	if s := setting(t, r, 40, 40, "off"); !*s.UsesIndex || s.Fill > .05 || s.Short != 1 {
		t.Errorf("1 %%: %+v", s)
	}
	for _, scan := range []string{"strict_order", "relaxed_order"} {
		if s := setting(t, r, 40, 40, scan); !*s.UsesIndex || s.Fill < .8 {
			t.Errorf("1 %%, iterative scan: %+v", s)
		}
	}
}

// checkFiltered checks a setting against what pgvector's documentation says of filters: the index is read first, and hnsw.ef_search
// rows of it are filtered. An iterative scan reads on until there are k rows, or hnsw.max_scan_tuples were read.
func checkFiltered(t *testing.T, where string, share float64, s report.Setting) {
	t.Helper()
	expected := min(1, share*float64(s.EfSearch)/40)
	switch {
	case !*s.UsesIndex:
		if s.Recall != 1 || s.Fill != 1 {
			t.Errorf("%s, without the index: %+v", where, s)
		}
	case s.Scan == "off":
		if s.Fill < .4*expected || s.Fill > min(1, 1.6*expected+.02) || s.RecallByDistance > s.Fill+1e-9 {
			t.Errorf("%s: a fill of about %.2f was expected: %+v", where, expected, s)
		}
	case s.Fill < .99 && share > .05:
		t.Errorf("%s, iterative scan: %+v", where, s)
	}
}

// checkWorst asks the worst queries of a report again on another connection, as an application does, and compares.
func checkWorst(t *testing.T, f *fixture, r *report.Report, where string) {
	t.Helper()
	if where != "" {
		where = " WHERE " + where
	}
	conn := f.connect(t)
	ids := func(id string, exact bool) map[int64]bool {
		if _, err := conn.Exec(t.Context(), fmt.Sprintf("SET enable_indexscan = %v", !exact)); err != nil {
			t.Fatal(err)
		}
		var vector string
		if err := conn.QueryRow(t.Context(), "SELECT embedding::text FROM items WHERE id::text = $1", id).Scan(&vector); err != nil {
			t.Fatal(err)
		}
		nearest := fmt.Sprintf("SELECT id FROM items%s ORDER BY embedding <-> '%s' LIMIT 40", where, vector)
		rows, _ := conn.Query(t.Context(), nearest, pgx.QueryExecModeSimpleProtocol) // a prepared plan would outlive the setting
		all, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			t.Fatal(err)
		}
		set := make(map[int64]bool)
		for _, i := range all {
			if fmt.Sprint(i) != id {
				set[i] = true
			}
		}
		return set
	}
	if len(r.Worst) != 10 {
		t.Errorf("%d worst queries", len(r.Worst))
	}
	for _, w := range r.Worst[:4] {
		got, truth, same := ids(w.Query, false), ids(w.Query, true), 0
		for id := range got {
			if truth[id] {
				same++
			}
		}
		if recall := float64(same) / float64(len(truth)); len(got) != w.Returned || recall != w.Recall {
			t.Errorf("%s: %+v, but %d rows with recall %v on another connection", where, w, len(got), recall)
		}
	}
}
