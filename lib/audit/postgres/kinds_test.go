package postgres

import (
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/audit/live"
)

// Every kind of index and column is audited, and the exact scan agrees with the neighbours that are computed from the vectors.
func TestKinds(t *testing.T) {
	f := newFixture(t)
	f.sql(t, "CREATE ROLE auditor LOGIN")
	all := live.Options{K: []int{5, 20}, Sample: 100, TruthFromVectors: true}
	for _, c := range []struct{ table, kind, index, metric string }{
		{"hnsw_l2", "vector(8)", "hnsw (embedding vector_l2_ops)", "l2"},
		{"hnsw_cosine", "vector(8)", "hnsw (embedding vector_cosine_ops)", "cosine"},
		{"hnsw_ip", "vector(8)", "hnsw (embedding vector_ip_ops)", "ip"},
		{"half_l2", "halfvec(8)", "hnsw (embedding halfvec_l2_ops)", "l2"},
		{"Half \"Cosine\"", "halfvec(8)", "hnsw (embedding halfvec_cosine_ops)", "cosine"},
		{"lists", "vector(8)", "ivfflat (embedding vector_l2_ops) WITH (lists = 10)", "l2"},
	} {
		f.small(t, c.table, c.kind, c.index)
		r := f.audit(t, f.options(c.table, ""), all)
		if r.Metric != c.metric || r.N != 300 || r.D != 8 || r.Queries != 100 || !strings.Contains(notes(r), "own exact scan gives the same distances for every query") {
			t.Errorf("%s: %+v", c.table, r)
		}
		for _, s := range r.Settings {
			if !s.Rejected && s.K == 20 && s.EfSearch > 160 && s.RecallByDistance < .99 {
				t.Errorf("%s: %+v", c.table, s)
			}
		}
	}
	t.Run("IVFFlat", func(t *testing.T) { testLists(t, f) })
	t.Run("EmptyAndZero", func(t *testing.T) { testEmptyAndZero(t, f) })
	t.Run("WithoutKey", func(t *testing.T) { testWithoutKey(t, f) })
	t.Run("Partial", func(t *testing.T) { testPartial(t, f) })
	t.Run("Settings", func(t *testing.T) { testSettings(t, f) })
	t.Run("Queries", func(t *testing.T) { testQueries(t, f) })
	t.Run("Partitions", func(t *testing.T) { testPartitions(t, f) })
	t.Run("Schema", func(t *testing.T) { testSchema(t, f) })
}

// The ladder of an IVFFlat index is that of ivfflat.probes up to all lists, which give the exact answer.
func testLists(t *testing.T, f *fixture) {
	o := f.options("lists", "")
	o.Address += "&options=-c%20enable_seqscan%3Doff"
	r := f.audit(t, o, live.Options{K: []int{20}, Sample: 50})
	few, all := setting(t, r, 20, 1, "off"), setting(t, r, 20, 10, "off")
	if !few.Present || !*few.UsesIndex || few.Recall > .9 || all.Recall != 1 || all.Present || len(r.Settings) != 5 || r.Policy != "pads" {
		t.Errorf("%+v", r)
	}
}

// Rows without a vector and zero vectors under the cosine are counted and left out of both lists.
func testEmptyAndZero(t *testing.T, f *fixture) {
	f.sql(t, `INSERT INTO hnsw_cosine SELECT i, NULL FROM generate_series(1000, 1019) i; INSERT INTO hnsw_cosine VALUES (2000, '[0,0,0,0,0,0,0,0]')`)
	r := f.audit(t, f.options("hnsw_cosine", "id < 10 OR id > 500"), live.Options{K: []int{20}, Sample: 50, TruthFromVectors: true})
	if r.N != 301 || r.Filter.Matching != 10 || r.Queries != 10 {
		t.Errorf("%+v", r)
	}
	for _, want := range []string{"20 of 321 rows have no vector", "20 of them match", "1 vectors are zero", "Only 10 vectors can be found", "same distances for every query"} {
		if !strings.Contains(notes(r), want) {
			t.Errorf("%q is not in: %s", want, notes(r))
		}
	}
	if s := setting(t, r, 20, 1000, "off"); s.Recall != 1 || s.Fill != 1 {
		t.Errorf("%+v", s)
	}
	f.sql(t, "UPDATE hnsw_cosine SET embedding = NULL; CREATE TABLE empty (embedding vector); CREATE INDEX ON empty USING hnsw ((embedding::vector(3)) vector_l2_ops); GRANT SELECT ON empty TO auditor")
	x, err := Open(t.Context(), f.options("hnsw_cosine", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if _, err := live.Run(t.Context(), x, live.Options{K: []int{20}, Wanted: .9}); err == nil || !strings.Contains(err.Error(), "holds no vectors") {
		t.Errorf("%v", err)
	}
	f.refused(t, f.options("empty", ""), "no index that the audit serves (hnsw or ivfflat on the column, for l2, cosine or ip): empty_embedding_idx (hnsw, vector_l2_ops on an expression)")
}

// Without a primary key, rows are identified by their place. A named column must identify them.
func testWithoutKey(t *testing.T, f *fixture) {
	f.sql(t, `CREATE TABLE keyless AS SELECT id / 2 AS half, id AS whole, embedding FROM hnsw_l2; CREATE INDEX ON keyless USING hnsw (embedding vector_l2_ops); GRANT SELECT ON keyless TO auditor`)
	for id, want := range map[string]string{"": "by their place", "whole": "by the column whole", "ctid": "by the column ctid"} {
		o := f.options("keyless", "")
		o.ID = id
		r := f.audit(t, o, live.Options{K: []int{20}, Sample: 50, TruthFromVectors: true})
		if s := setting(t, r, 20, 320, "off"); s.Recall != 1 || !strings.Contains(notes(r), want) {
			t.Errorf("%q: %+v %s", id, s, notes(r))
		}
	}
	o := f.options("keyless", "")
	o.ID = "half"
	f.refused(t, o, "-id half does not identify rows: 150 values are repeated or NULL")
	o.ID = "none"
	f.refused(t, o, `has no column "none"`)
}

// The planner uses a partial index only if the filter implies its condition.
func testPartial(t *testing.T, f *fixture) {
	f.sql(t, `CREATE TABLE part AS SELECT * FROM hnsw_l2; CREATE INDEX ON part USING hnsw (embedding vector_l2_ops) WHERE id < 200; GRANT SELECT ON part TO auditor`)
	for where, uses := range map[string]bool{"": false, "id < 200": true} {
		o := f.options("part", where)
		o.Address += "&options=-c%20enable_seqscan%3Doff"
		r := f.audit(t, o, live.Options{K: []int{20}, Sample: 50})
		if s := setting(t, r, 20, 40, "off"); *s.UsesIndex != uses || !strings.Contains(notes(r), "partial index: WHERE (id < 200)") {
			t.Errorf("%q: %+v %s", where, s, notes(r))
		}
		if told := strings.Contains(notes(r), "does not use the index for k = 20 at any setting. Its plan: Limit ← Sort ← Seq Scan on part."); told == uses {
			t.Errorf("%q: %s", where, notes(r))
		}
	}
}

// The present settings are those of the session: of the URL here, of the role or the database otherwise.
func testSettings(t *testing.T, f *fixture) {
	f.sql(t, "ALTER ROLE auditor SET hnsw.ef_search = 77; ALTER ROLE auditor SET hnsw.iterative_scan = relaxed_order")
	defer f.sql(t, "ALTER ROLE auditor RESET ALL")
	o := f.options("hnsw_l2", "")
	o.Address += "&options=-c%20enable_seqscan%3Doff"
	r := f.audit(t, o, live.Options{K: []int{20}, Sample: 100, EfSearch: []int{30, 2000}})
	if s := setting(t, r, 20, 77, "relaxed_order"); !s.Present || len(r.Settings) != 3 || r.Policy != "raises" {
		t.Errorf("%+v", r)
	}
	if s := setting(t, r, 20, 2000, "relaxed_order"); !s.Rejected || !strings.Contains(notes(r), "outside the valid range (1 to 1000)") {
		t.Errorf("%+v %s", s, notes(r))
	}
	if r.Advice == nil || r.Advice.Statement != "SET hnsw.ef_search = 30;" {
		t.Errorf("%+v", r.Advice)
	}
}

// Given queries are no stored vectors, and nothing is left out of their answers. One that the type of the column cannot hold is an error.
func testQueries(t *testing.T, f *fixture) {
	queries := ann.Vectors{N: 2, D: 8, Data: []float32{1, 0, 0, 0, 0, 0, 0, 1e-20, -1, 2, 3, 4, 5, 6, 7, 8}}
	o := live.Options{K: []int{1, 3}, EfSearch: []int{100, 200}, Queries: queries, Wanted: .9}
	r := f.audit(t, f.options("half_l2", "false OR id >= 0"), o)
	if s := setting(t, r, 1, 100, "off"); s.Recall != 1 || r.Worst[0].Returned != 3 {
		t.Errorf("%+v", r)
	}
	queries.Data[0] = 1e6
	x, err := Open(t.Context(), f.options("half_l2", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if _, err := live.Run(t.Context(), x, o); err == nil || !strings.Contains(err.Error(), "out of range for type halfvec") {
		t.Errorf("%v", err)
	}
}

// A partitioned table is audited through its root.
func testPartitions(t *testing.T, f *fixture) {
	f.sql(t, `CREATE TABLE parts (id integer, embedding vector(8)) PARTITION BY RANGE (id); CREATE TABLE low PARTITION OF parts FOR VALUES FROM (0) TO (150);
		CREATE TABLE high PARTITION OF parts FOR VALUES FROM (150) TO (1000); INSERT INTO parts SELECT * FROM hnsw_l2;
		CREATE INDEX ON parts USING hnsw (embedding vector_l2_ops); ANALYZE parts; GRANT SELECT ON parts TO auditor`)
	o := f.options("parts", "")
	o.Address += "&options=-c%20enable_seqscan%3Doff"
	r := f.audit(t, o, live.Options{K: []int{20}, Sample: 50, TruthFromVectors: true})
	if s := setting(t, r, 20, 1000, "off"); !*s.UsesIndex || s.Recall < .99 || !strings.Contains(notes(r), "same distances for every query") {
		t.Errorf("%+v", r)
	}
}

// The extension, and the table, may be in a schema that is not in the search path.
func testSchema(t *testing.T, f *fixture) {
	f.sql(t, `CREATE SCHEMA "Ext"; ALTER EXTENSION vector SET SCHEMA "Ext"; CREATE SCHEMA app; ALTER TABLE hnsw_l2 SET SCHEMA app`)
	f.refused(t, f.options("app.hnsw_l2", ""), `permission denied for schema`)
	f.sql(t, `GRANT USAGE ON SCHEMA app, "Ext" TO auditor`)
	r := f.audit(t, f.options("app.hnsw_l2", "id > 5"), live.Options{K: []int{20}, Sample: 50, TruthFromVectors: true})
	if s := setting(t, r, 20, 1000, "off"); s.Recall != 1 || !strings.Contains(notes(r), "An iterative scan ends at hnsw.max_scan_tuples = 20000") {
		t.Errorf("%+v", r)
	}
}
