package driver

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/audit/live"
	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/report"
)

// fileOf writes a file of DuckDB with the given statements. The table items has 4,000 rows, a tenth of which are new.
func fileOf(t *testing.T, statements ...string) string {
	t.Helper()
	vss, err := checkout.Installed(extension)
	if err != nil {
		t.Skip(err)
	}
	db, err := database(t.Context(), vss, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(t.TempDir(), "it's.duckdb")
	for _, statement := range append([]string{
		"SET hnsw_enable_experimental_persistence = true", "ATTACH '" + strings.ReplaceAll(path, "'", "''") + "' AS w", "USE w", "SELECT setseed(.5)",
		`CREATE TABLE items AS SELECT i AS id, i // 2 AS half, CASE WHEN i % 10 = 0 THEN 'new' ELSE 'old' END AS status,
			[random() - .5, random() - .5, random() - .5, random() - .5, random() - .5, random() - .5, random() - .5, random() - .5]::FLOAT[8] AS embedding FROM range(4000) t(i)`,
	}, append(statements, "DETACH w")...) {
		if statement == "DETACH w" {
			statement = "USE memory; DETACH w"
		}
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return path
}

const l2Index = "CREATE INDEX near ON items USING HNSW (embedding) WITH (metric = 'l2sq', M = 4, ef_construction = 20)"

func items(path string) live.Target {
	return live.Target{Address: path, Name: "items", Column: "embedding"}
}

func audit(t *testing.T, o live.Target, asked live.Options) *report.Report {
	t.Helper()
	f, err := openFile(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	asked.Wanted = .9
	r, err := live.Run(t.Context(), f, asked)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func setting(t *testing.T, r *report.Report, k, ef int) report.Setting {
	t.Helper()
	for _, s := range r.Settings {
		if s.K == k && s.EfSearch == ef {
			return s
		}
	}
	t.Fatalf("there is no setting k = %d, ef = %d", k, ef)
	return report.Setting{}
}

// The index is used, answers are full, recall rises with hnsw_ef_search, and the exact scan is exact, under every metric.
func TestAudit(t *testing.T) {
	for m, names := range metrics {
		o := items(fileOf(t, strings.Replace(l2Index, "l2sq", names.index, 1)))
		r := audit(t, o, live.Options{K: []int{5, 100}, EfSearch: []int{16, 512}, Sample: 60, TruthFromVectors: true})
		low, high := setting(t, r, 5, 16), setting(t, r, 5, 512)
		if !*low.UsesIndex || low.Fill != 1 || low.Recall >= high.Recall || high.Recall < .9 || !setting(t, r, 5, 64).Present || r.Policy != "raises" || r.N != 4000 {
			t.Errorf("%v: %+v", m, r)
		}
		if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "same distances for every query") || !strings.Contains(notes, "The index is near (HNSW, "+names.index+") with 4000 vectors") {
			t.Errorf("%v: %s", m, notes)
		}
	}
}

// DuckDB filters the rows that the index returned: of 20 rows 2 are new.
func TestAuditFiltered(t *testing.T) {
	o := items(fileOf(t, l2Index))
	o.Filter, o.ID = "status = 'new'", "id"
	r := audit(t, o, live.Options{K: []int{20}, EfSearch: []int{64, 512}, Sample: 60})
	if s := setting(t, r, 20, 64); !*s.UsesIndex || s.Fill > .4 || s.Short != 1 || r.Filter.Matching != 400 {
		t.Errorf("%+v", r)
	}
}

// Rows without a vector and zero vectors are counted.
func TestAuditEmptyAndZero(t *testing.T) {
	path := fileOf(t, "INSERT INTO items VALUES (5000, 1, 'a', NULL), (5001, 1, 'a', [0,0,0,0,0,0,0,0])", strings.Replace(l2Index, "l2sq", "cosine", 1))
	r := audit(t, items(path), live.Options{K: []int{20}, EfSearch: []int{64, 512}, Sample: 60, TruthFromVectors: true})
	notes := strings.Join(r.Notes, "\n")
	for _, want := range []string{"1 of 4002 rows have no vector", "1 vectors are zero", "same distances for every query"} {
		if !strings.Contains(notes, want) {
			t.Errorf("%q is not in %s", want, notes)
		}
	}
}

func TestAuditRefuses(t *testing.T) {
	path := fileOf(t, l2Index, "CREATE TABLE bare AS SELECT * FROM items", "CREATE TABLE lists AS SELECT [1.0] AS embedding",
		"CREATE TABLE two AS SELECT * FROM items", "CREATE INDEX a ON two USING HNSW (embedding)", "CREATE INDEX b ON two USING HNSW (embedding) WITH (metric = 'ip')")
	other := filepath.Join(t.TempDir(), "no.duckdb")
	if err := os.WriteFile(other, []byte(strings.Repeat("no database", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	cosine := ann.Cosine
	for want, change := range map[string]func(*live.Target){
		`has no table "items; DROP TABLE items"`:   func(o *live.Target) { o.Name = "items; DROP TABLE items" },
		`has no column "embedding\""`:              func(o *live.Target) { o.Column = `embedding"` },
		"column status has type VARCHAR":           func(o *live.Target) { o.Column = "status" },
		"column embedding has type DECIMAL(2,1)[]": func(o *live.Target) { o.Name = "lists" },
		"of bare has no HNSW index":                func(o *live.Target) { o.Name = "bare" },
		"of two has several HNSW indexes":          func(o *live.Target) { o.Name = "two" },
		"has no index for the metric cosine: near": func(o *live.Target) { o.Metric = &cosine },
		"-id half does not identify rows: 2000":    func(o *live.Target) { o.ID = "half" },
		"contains a semicolon":                     func(o *live.Target) { o.Filter = "1=1; DROP TABLE items" },
		"closes a parenthesis":                     func(o *live.Target) { o.Filter = "1=1) OR (1=1" },
		"-where nothing = 1":                       func(o *live.Target) { o.Filter = "nothing = 1" },
		"file system operations are disabled":      func(o *live.Target) { o.Filter = "EXISTS (SELECT * FROM read_csv('/etc/passwd'))" },
		"database does not exist":                  func(o *live.Target) { o.Address = filepath.Join(t.TempDir(), "none.duckdb") },
		"not a valid DuckDB database file":         func(o *live.Target) { o.Address = other },
		"the time limit of a statement is 1ns":     func(o *live.Target) { o.Timeout = time.Nanosecond },
	} {
		o := items(path)
		change(&o)
		f, err := openFile(t.Context(), o)
		if err == nil {
			f.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %q", err, want)
		}
	}
}

// What an audit reads it cannot write.
func TestAuditReadsOnly(t *testing.T) {
	f, err := openFile(t.Context(), items(fileOf(t, l2Index)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.exec(t.Context(), "DELETE FROM items"); err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Exact(ctx, make([]float32, 8), 5); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
