package postgres

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/audit/live"
	"anncapacity/lib/audit/postgres/demo"
)

func TestTrouble(t *testing.T) {
	f := newFixture(t)
	if err := demo.Fill(t.Context(), f.owner, demo.Options{Rows: 2000, D: 16, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]func(*testing.T, *fixture){
		"Injection": testInjection, "SideEffects": testSideEffects, "Names": testNames, "Types": testTypes, "Indexes": testIndexes,
		"Construction": testConstruction, "Rights": testRights, "ConnectionLost": testConnectionLost, "Timeout": testTimeout,
		"Interrupt": testInterrupt, "SameSnapshot": testSameSnapshot,
	} {
		t.Run(name, func(t *testing.T) { test(t, f) })
	}
	var left int
	if err := f.owner.QueryRow(t.Context(), "SELECT count(*) FROM items").Scan(&left); err != nil || left != 2001 {
		t.Errorf("%d rows, %v", left, err)
	}
}

// The filter cannot leave its place in the statement, whatever the server would make of it.
func testInjection(t *testing.T, f *fixture) {
	for where, want := range map[string]string{
		"1=1; DROP TABLE items":                 "contains a semicolon",
		"1=1) OR (1=1":                          "closes a parenthesis that it does not open",
		"true) UNION SELECT 'x', 1 --":          "closes a parenthesis that it does not open",
		"true -- ":                              "contains a comment",
		"true /* ":                              "contains a comment",
		"status = 'it":                          "no end of the text that begins with '",
		"\"status":                              "no end of the text that begins with \"",
		"status = $$a":                          "no end of the text that begins with $$",
		"status = $1":                           "contains the parameter $1",
		"(true":                                 "opens a parenthesis that it does not close",
		"status = E'\\'; DROP TABLE items; --'": "", // one text
		"status = 'a; drop table items -- /* ))'": "",
		"status = $q$a; '); drop table items$q$":  "",
		"nothing = 1":                             `-where nothing = 1: ERROR: column "nothing" does not exist`,
		"status":                                  "argument of WHERE must be type boolean",
		"this is no SQL":                          "syntax error",
		"count(*) > 1":                            "aggregate functions are not allowed",
		"id = 1 ORDER BY id":                      "syntax error",
		"EXISTS (DELETE FROM items RETURNING 1)":  "syntax error",
		"status = 'a' \x00":                       "zero byte",
		"embedding <-> '[1,2]' < 3":               "different vector dimensions",
		"set_config('transaction_read_only', 'off', true) = 'off'": "transaction read-write mode must be set before any query",
	} {
		if want != "" {
			f.refused(t, f.options(demo.Table, where), want)
			continue
		}
		x, err := Open(t.Context(), f.options(demo.Table, where))
		if err != nil {
			t.Errorf("%s: %v", where, err)
			continue
		}
		if x.Index().Matching != 0 {
			t.Errorf("%s: %+v", where, x.Index())
		}
		x.Close()
	}
}

// A function that writes fails in the transaction, even with the rights to write.
func testSideEffects(t *testing.T, f *fixture) {
	f.sql(t, `CREATE SEQUENCE counter; GRANT ALL ON SEQUENCE counter TO auditor;
		CREATE FUNCTION spoil() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN DELETE FROM items; RETURN true; END'`)
	for _, where := range []string{"nextval('counter') > 0", "spoil()"} {
		f.refused(t, f.options(demo.Table, where), "in a read-only transaction")
	}
	o := f.options(demo.Table, "spoil()")
	o.Address = f.URL("postgres", "") // the owner may write
	f.refused(t, o, "in a read-only transaction (SQLSTATE 25006) (the audit writes nothing)")
}

// Names of tables and columns are looked up, not executed.
func testNames(t *testing.T, f *fixture) {
	for table, want := range map[string]string{
		"items; DROP TABLE items": `there is no table "items; DROP TABLE items"`,
		`items" WHERE true --`:    "there is no table",
		"Items":                   "but there is -table public.items",
		"":                        `there is no table ""`,
		"other.items":             `there is no table "other.items"`,
	} {
		f.refused(t, f.options(table, ""), want)
	}
	o := f.options(demo.Table, "")
	for column, want := range map[string]string{
		"embedding; DROP TABLE items": `table items has no column "embedding; DROP TABLE items"`,
		"ctid":                        "no column",
		"id":                          "column id has type int8, not vector or halfvec",
	} {
		o.Column = column
		f.refused(t, o, want)
	}
	x, err := Open(t.Context(), f.options("public.items", ""))
	if err != nil {
		t.Fatal(err)
	}
	x.Close()
}

func testTypes(t *testing.T, f *fixture) {
	f.sql(t, `CREATE TABLE others (bits bit(8), sparse sparsevec(8), words text); CREATE VIEW seen AS SELECT * FROM items; GRANT SELECT ON others, seen TO auditor`)
	for column, want := range map[string]string{
		"bits":   "column bits has type bit, which the audit does not serve: it serves vector and halfvec",
		"sparse": "column sparse has type sparsevec, which the audit does not serve",
		"words":  "column words has type text, not vector or halfvec",
	} {
		o := f.options("others", "")
		o.Column = column
		f.refused(t, o, want)
	}
	f.refused(t, f.options("seen", ""), "seen is a view, which has no index: name its table")
}

func testIndexes(t *testing.T, f *fixture) {
	f.small(t, "bare", "vector(8)", "")
	f.refused(t, f.options("bare", ""), "column embedding of bare has no hnsw or ivfflat index: every search is an exact scan")
	f.small(t, "taxi", "vector(8)", "hnsw (embedding vector_l1_ops)")
	f.refused(t, f.options("taxi", ""), "has no index that the audit serves (hnsw or ivfflat on the column, for l2, cosine or ip): taxi_embedding_idx (hnsw, vector_l1_ops)")
	cosine := ann.Cosine
	o := f.options(demo.Table, "")
	o.Metric = &cosine
	f.refused(t, o, "table items has no index for the metric cosine on embedding: items_embedding (hnsw, vector_l2_ops)")
	f.small(t, "several", "vector(8)", "hnsw (embedding vector_l2_ops)")
	f.sql(t, "CREATE INDEX ON several USING hnsw (embedding vector_cosine_ops)")
	o.Name = "several"
	f.refused(t, f.options("several", ""), "has indexes for several metrics: choose one with -metric: several_embedding_idx (hnsw, vector_l2_ops), several_embedding_idx1")
	if r := f.audit(t, o, live.Options{K: []int{5}}); r.Metric != "cosine" {
		t.Errorf("%+v", r)
	}
	f.sql(t, "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'several_embedding_idx1'::regclass")
	f.refused(t, o, "index several_embedding_idx1 is invalid: a CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY that failed")
}

// CREATE INDEX CONCURRENTLY waits for a transaction that has written to the table, with an index that is not valid yet.
func testConstruction(t *testing.T, f *fixture) {
	f.small(t, "growing", "vector(8)", "")
	writer, builder := f.connect(t), f.connect(t)
	tx, err := writer.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "INSERT INTO growing VALUES (1000, '[1,2,3,4,5,6,7,8]')"); err != nil {
		t.Fatal(err)
	}
	built := make(chan error)
	go func() {
		_, err := builder.Exec(t.Context(), "CREATE INDEX CONCURRENTLY ON growing USING hnsw (embedding vector_l2_ops)")
		built <- err
	}()
	for waiting := false; !waiting; time.Sleep(time.Millisecond) {
		if err := f.owner.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%')").Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	f.refused(t, f.options("growing", ""), "index growing_embedding_idx cannot be used yet: an index is under construction")
	o := f.options("growing", "")
	o.Address = f.URL("postgres", "")
	f.refused(t, o, "an index is under construction (waiting for writers before build, 0 %)")
	if err := errors.Join(tx.Rollback(t.Context()), <-built); err != nil {
		t.Fatal(err)
	}
	f.audit(t, f.options("growing", ""), live.Options{K: []int{5}})
}

func testRights(t *testing.T, f *fixture) {
	f.sql(t, "CREATE ROLE stranger LOGIN")
	for where, want := range map[string]string{"": "permission denied for table items", "id > 0": "permission denied for table items"} {
		o := f.options(demo.Table, where)
		o.Address = f.URL("stranger", "se cr/et")
		f.refused(t, o, want)
		f.refused(t, o, "(the role needs SELECT on the table and USAGE on its schema, and no other right)")
	}
	o := f.options(demo.Table, "")
	o.Address = f.URL("nobody", "se cr/et")
	f.refused(t, o, `role "nobody" does not exist`)
}

// during calls act once, when the given number of queries or more have been asked.
type during struct {
	text string
	act  func()
	once sync.Once
}

func (d *during) Write(p []byte) (int, error) {
	if strings.Contains(string(p), d.text) {
		d.once.Do(d.act)
	}
	return len(p), nil
}

// What was measured before the connection is lost is reported.
func testConnectionLost(t *testing.T, f *fixture) {
	x, err := Open(t.Context(), f.options(demo.Table, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	kill := func() {
		f.sql(t, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'anncapacity audit'")
	}
	r, err := live.Run(t.Context(), x, live.Options{K: []int{10}, Wanted: .9, Sample: 2000, Progress: &during{text: "% |█", act: kill}})
	if err == nil || r == nil || r.Queries < 10 || r.Queries >= 2000 || !strings.Contains(err.Error(), "terminating connection due to administrator command") {
		t.Fatalf("%+v, %v", r, err)
	}
	if s := setting(t, r, 10, 40, "off"); s.Recall < .5 || !strings.HasPrefix(r.Notes[0], "The audit ended early, after ") {
		t.Errorf("%+v %q", s, r.Notes)
	}
}

// The time limit of a statement holds for every statement, and the error names it.
func testTimeout(t *testing.T, f *fixture) {
	o := f.options(demo.Table, "pg_sleep(.001) IS NOT NULL")
	o.Timeout = 100 * time.Millisecond
	f.refused(t, o, "canceling statement due to statement timeout (SQLSTATE 57014) (the time limit of a statement is 100ms: -timeout)")
	o.Timeout = time.Microsecond
	f.refused(t, o, "the time limit of a statement is 1µs: must be at least 1ms")
}

// Ctrl-C cancels the statement in the server.
func testInterrupt(t *testing.T, f *fixture) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := Open(ctx, f.options(demo.Table, "pg_sleep(.01) IS NOT NULL")) // takes 20 s
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	for running := 1; running > 0; time.Sleep(5 * time.Millisecond) {
		const query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'anncapacity audit' AND state = 'active'"
		if err := f.owner.QueryRow(t.Context(), query).Scan(&running); err != nil {
			t.Fatal(err)
		}
	}
}

// Rows that are written during an audit are in neither list.
func testSameSnapshot(t *testing.T, f *fixture) {
	x, err := Open(t.Context(), f.options(demo.Table, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	f.sql(t, "INSERT INTO items SELECT 5000, 'new', embedding FROM items WHERE id = 7")
	var vector []float32
	if err := f.owner.QueryRow(t.Context(), "SELECT embedding::real[] FROM items WHERE id = 7").Scan(&vector); err != nil {
		t.Fatal(err)
	}
	for _, ask := range []func() (live.Answer, error){
		func() (live.Answer, error) { return x.Ask(t.Context(), vector, 3, x.Index().Present) },
		func() (live.Answer, error) { return x.Exact(t.Context(), vector, 3) },
	} {
		if a, err := ask(); err != nil || a.IDs[0] != "7" || a.IDs[1] == "5000" {
			t.Errorf("%+v, %v", a, err)
		}
	}
}
