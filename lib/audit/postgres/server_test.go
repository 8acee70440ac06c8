package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"anncapacity/lib/audit/live"
	"anncapacity/lib/audit/postgres/demo"
	"anncapacity/lib/engine/pgvector"
	"anncapacity/lib/report"
)

// fixture is a database with the connection of its owner. The audits connect as the role auditor, which may only read.
type fixture struct {
	*pgvector.Database
	owner *pgx.Conn
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	d, err := pgvector.NewDatabase(t.Context(), "maintenance_work_mem=1GB", "max_parallel_maintenance_workers=0", "max_parallel_workers_per_gather=0")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	f := &fixture{Database: d}
	f.owner = f.connect(t)
	return f
}

func (f *fixture) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), f.URL("postgres", ""))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// sql runs statements as the owner.
func (f *fixture) sql(t *testing.T, statements string) {
	t.Helper()
	if _, err := f.owner.Exec(t.Context(), statements); err != nil {
		t.Fatal(err)
	}
}

// options returns the options of an audit by the role that may only read.
func (f *fixture) options(table, where string) live.Target {
	return live.Target{Address: f.URL(demo.Role, "se cr/et"), Name: table, Column: demo.Column, Filter: where}
}

// audit opens and audits an index.
func (f *fixture) audit(t *testing.T, o live.Target, asked live.Options) *report.Report {
	t.Helper()
	x, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	asked.Wanted = .9
	r, err := live.Run(t.Context(), x, asked)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// refused checks that an audit is not opened, and that the error has the given text and no password.
func (f *fixture) refused(t *testing.T, o live.Target, want string) {
	t.Helper()
	x, err := Open(t.Context(), o)
	if err == nil {
		x.Close()
		t.Errorf("%+v: there is no error with %q", o, want)
		return
	}
	if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "se cr/et") || strings.Contains(err.Error(), "se+cr%2Fet") {
		t.Errorf("%v, not %q", err, want)
	}
}

// points returns rows of a table, "(i, '[x, y, …]')", with normally distributed vectors.
func points(n, d int) string {
	random := rand.New(rand.NewPCG(1, 2))
	var rows []string
	for i := range n {
		vector := make([]float32, d)
		for j := range vector {
			vector[j] = float32(random.NormFloat64())
		}
		rows = append(rows, fmt.Sprintf("(%d, '%s')", i, text(vector)))
	}
	return strings.Join(rows, ", ")
}

// small creates a table of 300 vectors of dimension 8 with an index, and lets the auditor read it.
func (f *fixture) small(t *testing.T, table, kind, index string) {
	t.Helper()
	quoted := pgx.Identifier{table}.Sanitize()
	f.sql(t, fmt.Sprintf(`CREATE TABLE %[1]s (id integer PRIMARY KEY, embedding %[2]s); INSERT INTO %[1]s VALUES %[3]s`, quoted, kind, points(300, 8)))
	if index != "" {
		f.sql(t, fmt.Sprintf("CREATE INDEX ON %s USING %s", quoted, index))
	}
	f.sql(t, fmt.Sprintf("ANALYZE %[1]s; GRANT SELECT ON %[1]s TO auditor", quoted))
}

// setting returns the setting of a report, and fails the test if there is none.
func setting(t *testing.T, r *report.Report, k, ef int, scan string) report.Setting {
	t.Helper()
	for _, s := range r.Settings {
		if s.K == k && s.EfSearch == ef && s.Scan == scan {
			return s
		}
	}
	t.Fatalf("there is no setting k = %d, ef = %d, %s", k, ef, scan)
	return report.Setting{}
}

func notes(r *report.Report) string { return strings.Join(r.Notes, "\n") }
