package advise

import (
	"bytes"
	"context"
	"encoding/json"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/exact"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/report"
)

// ownOptions has 600 queries that are no indexed points, of another distribution than the 1,200 points in 8 dimensions.
func ownOptions(metric ann.Metric) Options {
	queries := clusters(600, 8, 33)
	for i := range queries.Data {
		queries.Data[i] += .5
	}
	return Options{Name: "own", Base: clusters(1200, 8, 1), Queries: queries, Metric: metric, K: []int{5, 20}, Recall: .9, Share: .9,
		M: []int{8}, EfConstruction: []int{40}, EfSearch: []int{4, 12, 40}, Builds: 1, Seed: 3}
}

// Under every metric and every engine's policy, each row of the report is what searches for the queries return, on the same
// graph: recall, fill and short answers at every (k, efSearch), without a query being left out.
func TestOwnQueriesAreSearched(t *testing.T) {
	for _, metric := range ann.Metrics {
		for _, key := range []string{"faiss", "hnswlib", "pgvector", "milvus"} {
			o := ownOptions(metric)
			o.Engine = key
			r := run(t, o)
			if r.Queries != 600 || r.Method.CalibratedOn != 450 || !r.Method.OwnQueries || len(r.Indexes) != 2 || r.Metric != report.MetricName(metric) {
				t.Fatalf("%+v", r)
			}
			space, err := hnsw.OnMetric(o.Base, metric)
			if err != nil {
				t.Fatal(err)
			}
			g, err := hnsw.Build(context.Background(), space, hnsw.Options{M: 8, EfConstruction: 40, Seed: 3, Insertion: hnsw.AsFAISS115})
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range r.Settings {
				checkRow(t, o, g, row)
			}
		}
	}
}

// checkRow compares a row with searches.
func checkRow(t *testing.T, o Options, g *hnsw.Graph, row report.Setting) {
	t.Helper()
	words, err := engine.WordsFor(o.Engine)
	if err != nil {
		t.Fatal(err)
	}
	if rejects := words.Policy == engine.Rejects && row.K > row.EfSearch; rejects || row.Rejected {
		if rejects != row.Rejected {
			t.Errorf("%s: %+v", o.Engine, row)
		}
		return
	}
	s, err := hnsw.NewSearcher(g, o.Base, hnsw.SearchOptions{EfSearch: row.EfSearch, Policy: policies[words.Policy], Metric: o.Metric})
	if err != nil {
		t.Fatal(err)
	}
	index, err := exact.NewMetric(o.Base, o.Metric)
	if err != nil {
		t.Fatal(err)
	}
	truth, err := index.SearchBatch(context.Background(), o.Queries, row.K)
	if err != nil {
		t.Fatal(err)
	}
	shared, length, short := 0, 0, 0
	for q := range o.Queries.N {
		list, err := s.Search(ann.Query{Vector: o.Queries.Row(q)}, row.K)
		if err != nil {
			t.Fatal(err)
		}
		in := map[int32]bool{}
		for _, n := range truth[q] {
			in[n.ID] = true
		}
		for _, n := range list {
			if in[n.ID] {
				shared++
			}
		}
		length += len(list)
		if len(list) < row.K {
			short++
		}
	}
	possible, n := float64(row.K*o.Queries.N), float64(o.Queries.N)
	if math.Abs(float64(shared)/possible-row.Recall) > 1e-9 || math.Abs(float64(length)/possible-row.Fill) > 1e-9 || math.Abs(float64(short)/n-row.Short) > 1e-9 {
		t.Errorf("%v, %s: searches give recall %v, fill %v, short %v: %+v", o.Metric, o.Engine, float64(shared)/possible, float64(length)/possible, float64(short)/n, row)
	}
}

// A given truth gives the same advice as a computed one. With several k, the advice is that of the largest efSearch.
func TestGivenTruthAndSeveralK(t *testing.T) {
	o := ownOptions(ann.InnerProduct)
	computed := run(t, o)
	index, err := exact.NewMetric(o.Base, o.Metric)
	if err != nil {
		t.Fatal(err)
	}
	lists, err := index.SearchBatch(context.Background(), o.Queries, 20)
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		ids := make([]int32, len(list))
		for j, n := range list {
			ids[j] = n.ID
		}
		o.Truth = append(o.Truth, ids)
	}
	given := run(t, o)
	a, b := must(json.Marshal(computed)), must(json.Marshal(given))
	if string(a) != string(b) {
		t.Errorf("computed:\n%s\ngiven:\n%s", a, b)
	}
	if len(computed.ByK) != 2 || computed.Advice == nil || computed.Advice.EfSearch != max(computed.ByK[0].EfSearch, computed.ByK[1].EfSearch) {
		t.Errorf("%+v", computed.Report)
	}
	o.Truth[7] = o.Truth[7][:19]
	if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), "query 7 has 19 neighbours") {
		t.Error(err)
	}
}

// The JSON is valid, with and without an advice, and the settings hold the advised value.
func TestReportIsValid(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join(testkit.Root(t), "docs", "report.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	for recall, advised := range map[float64]bool{.9: true, 1: false} {
		o := ownOptions(ann.Euclidean)
		o.Engine, o.Recall = "pgvector", recall
		r := run(t, o)
		instance := must(jsonschema.UnmarshalJSON(bytes.NewReader(must(json.Marshal(r)))))
		if err := schema.Validate(instance); err != nil {
			t.Error(err)
		}
		if v := r.Verdict(); (r.Advice != nil) != advised || (v.Advised != nil) != advised {
			t.Errorf("recall %v: %+v, %+v", recall, r.Advice, v)
		}
	}
}

// Too few queries give no advice, but say how many are needed; that number is enough.
func TestTooFewQueries(t *testing.T) {
	o := ownOptions(ann.Euclidean)
	o.K, o.Recall, o.Sample = []int{5}, .99, 100
	r := run(t, o)
	need := r.Method.NeededForMean
	if r.Advice != nil || r.Indexes[0].Mean != nil || r.Indexes[0].Observed == nil || need <= 75 {
		t.Fatalf("%+v", r)
	}
	for _, says := range []string{"75 queries are too few to show a mean recall of 0.99 with 95 % confidence", "at least 350 are needed, 466 with those that verify"} {
		if !strings.Contains(r.Notes[0], says) || !strings.Contains(r.String(), says) {
			t.Errorf("%q is not in %q or\n%s", says, r.Notes[0], r)
		}
	}
	if text := r.String(); strings.Count(text, "  –\n") != len(r.Indexes[0].Builds) {
		t.Errorf("without an efSearch there is no verified recall:\n%s", text)
	}
	o.Sample = withVerified(need)
	if r = run(t, o); r.Method.CalibratedOn != need || r.Advice == nil || r.Advice.Bound < .99 {
		t.Errorf("%d queries: %+v", o.Sample, r.Method)
	}
}

// The advice names the engine's parameter, its limit, and what sets it.
func TestAdviceIsWordedForTheEngine(t *testing.T) {
	for key, says := range map[string][]string{
		"pgvector":      {"Set hnsw.ef_search = 20 ", "SET hnsw.ef_search = 20;", "When k exceeds it, pgvector truncates", "SET LOCAL"},
		"hnswlib":       {"Set set_ef = ", "index.set_ef(", "raises efSearch to k"},
		"elasticsearch": {`"knn": {"k": 20, "num_candidates": 20}`},
	} {
		o := ownOptions(ann.Euclidean)
		o.Engine, o.Recall = key, .6
		o.K = []int{20}
		r := run(t, o)
		for _, words := range says {
			if !strings.Contains(r.String(), words) {
				t.Errorf("%s: %q is not in\n%s", key, words, r)
			}
		}
		if r.Advice.Statement == "" || !strings.Contains(r.Advice.Text, "with 95 % confidence") {
			t.Errorf("%+v", r.Advice)
		}
	}
	o := ownOptions(ann.Euclidean)
	o.Engine, o.K = "pgvector", []int{1100}
	if r := run(t, o); r.Advice != nil || !strings.Contains(r.Notes[0], "at most 1000 is accepted") || !strings.Contains(r.String(), "There is no setting of pgvector for this") {
		t.Errorf("%s", r)
	}
}

func TestBadQueries(t *testing.T) {
	for says, change := range map[string]func(o *Options){
		"the queries have 7 dimensions":        func(o *Options) { o.Queries = clusters(50, 7, 1) },
		"queries: vectors: row 2, column 3 is": func(o *Options) { o.Queries.Data[2*8+3] = float32(math.NaN()) },
		"queries: vectors: row 4 is the zero": func(o *Options) {
			o.Metric = ann.Cosine
			clear(o.Queries.Row(4))
		},
		"vectors: row 3 is the zero": func(o *Options) {
			o.Metric = ann.Cosine
			clear(o.Base.Row(3))
		},
		"k = [5 1201]: each must be 1 to 1200": func(o *Options) { o.K = []int{1201, 5} },
		"no k is given":                        func(o *Options) { o.K = nil },
		"sample = 601":                         func(o *Options) { o.Sample = 601 },
		"share = 1.5":                          func(o *Options) { o.Share = 1.5 },
		`engine "annoy"`:                       func(o *Options) { o.Engine = "annoy" },
		"truth: the neighbours of 1 queries":   func(o *Options) { o.Truth = [][]int32{{1}} },
	} {
		o := ownOptions(ann.Euclidean)
		change(&o)
		if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
