package qdrant

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/audit/live"
	"anncapacity/lib/report"
)

func audit(t *testing.T, o live.Target, asked live.Options) *report.Report {
	t.Helper()
	o.Name, asked.Wanted = "my docs", .9
	c, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r, err := live.Run(t.Context(), c, asked)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Every second of the nearest points is returned: of the first 2m + 1, which are the truth, half. All metrics, scores and names of
// vectors are understood, and the exact scan agrees with the distances that are computed from the vectors.
func TestAudit(t *testing.T) {
	for metric := range metrics {
		for _, named := range []bool{false, true} {
			s, address := newImitation(t, metric, 300)
			s.named = named
			o := live.Target{Address: address + "/"}
			if named {
				o.Column = "text"
			}
			r := audit(t, o, live.Options{K: []int{21}, Sample: 40, TruthFromVectors: true, EfSearch: []int{64, 128}})
			present := map[bool]int{false: 100, true: 77}[named]
			for _, set := range r.Settings {
				if set.Present != (set.EfSearch == present) || set.Fill != 1 || set.Recall < .45 || set.Recall > .55 || set.Short != 0 {
					t.Errorf("%s: %+v", metric, set)
				}
			}
			if r.N != 300 || r.D != 4 || r.EngineVersion != "1.16.0" || len(r.Settings) != 3 || r.Policy != "raises" {
				t.Errorf("%s: %+v", metric, r)
			}
			if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "gives the same distances for every query") {
				t.Errorf("%s: %s", metric, notes)
			}
			checkRequests(t, s)
		}
	}
}

// checkRequests checks that the present setting is asked without hnsw_ef, others with it, and the exact scan with exact.
func checkRequests(t *testing.T, s *imitation) {
	t.Helper()
	var seen []any
	for _, body := range s.asked {
		params, _ := body["params"].(map[string]any)
		what := params["hnsw_ef"]
		if params["exact"] == true {
			what = "exact"
		}
		if !slices.Contains(seen, what) {
			seen = append(seen, what)
		}
		if body["limit"] != 21. || body["with_payload"] != false {
			t.Fatalf("%v", body)
		}
	}
	if want := []any{nil, 64., 128., "exact"}; !slices.Equal(seen, want) {
		t.Errorf("%v, not %v", seen, want)
	}
}

func TestFilter(t *testing.T) {
	s, address := newImitation(t, "Euclid", 300)
	r := audit(t, live.Target{Address: address, Filter: `{"must": [{"key": "even", "match": {"value": true}}]}`}, live.Options{K: []int{21}, Sample: 500})
	if r.Filter == nil || r.Filter.Matching != 150 || r.Filter.Selectivity != .5 || r.Queries != 150 {
		t.Errorf("%+v", r)
	}
	for _, body := range s.asked {
		if body["filter"] == nil {
			t.Fatalf("without the filter: %v", body)
		}
	}
}

// The same seed chooses the same points, and another seed others.
func TestSample(t *testing.T) {
	_, address := newImitation(t, "Dot", 300)
	c, err := Open(t.Context(), live.Target{Address: address, Name: "my docs"})
	if err != nil {
		t.Fatal(err)
	}
	names := func(seed uint64) (all []string) {
		queries, err := c.Sample(t.Context(), 20, seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range queries {
			all = append(all, q.Name)
		}
		return all
	}
	if a, b, other := names(1), names(1), names(2); !slices.Equal(a, b) || slices.Equal(a, other) || len(a) != 20 {
		t.Errorf("%v, %v, %v", a, b, other)
	}
}

func TestBroken(t *testing.T) {
	s, address := newImitation(t, "Cosine", 300)
	s.broken = 95
	c, err := Open(t.Context(), live.Target{Address: address, Name: "my docs"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := live.Run(t.Context(), c, live.Options{K: []int{21}, Wanted: .9, EfSearch: []int{64, 128}})
	if err == nil || r == nil || r.Queries != 20 || !strings.Contains(err.Error(), "503 Service Unavailable: Service internal error: out of memory") {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestMistakes(t *testing.T) {
	l2 := ann.Euclidean
	for want, change := range map[string]func(*imitation, *live.Target){
		"404 Not Found: Not found: Collection `none` doesn't exist!":          func(_ *imitation, o *live.Target) { o.Name = "none" },
		"the filter is not an object in JSON":                                 func(_ *imitation, o *live.Target) { o.Filter = "status = 1" },
		"filter: POST /collections/my%20docs/points/count: 400 Bad Request: ": func(_ *imitation, o *live.Target) { o.Filter = `{"where": 1}` },
		"has the vectors image, text: choose one with -column":                func(s *imitation, _ *live.Target) { s.named = true },
		"has one vector without a name, not \"text\"":                         func(_ *imitation, o *live.Target) { o.Column = "text" },
		"has the distance Cosine, not that of the metric euclidean":           func(_ *imitation, o *live.Target) { o.Metric = &l2 },
		"has the distance Manhattan, which the audit does not serve":          func(s *imitation, _ *live.Target) { s.metric = "Manhattan" },
		"multivector": func(s *imitation, _ *live.Target) {
			s.info = `{"status": "green", "config": {"params": {"vectors": {"size": 4, "distance": "Dot", "multivector_config": {"comparator": "max_sim"}}}}}`
		},
		"has no dense vectors": func(s *imitation, _ *live.Target) {
			s.info = `{"status": "green", "config": {"params": {"sparse_vectors": {"a": {}}}}}`
		},
		"401 Unauthorized: Must":     func(s *imitation, _ *live.Target) { s.key = "hunter2" },
		"the answer is not that of":  func(s *imitation, _ *live.Target) { s.info = `"green"` },
		"must be http://host:6333":   func(_ *imitation, o *live.Target) { o.Address = "host:6333" },
		"http://user:***@127.0.0.1:": func(s *imitation, o *live.Target) { o.Address = "http://user:hunter2@127.0.0.1:1" },
	} {
		s, address := newImitation(t, "Cosine", 30)
		o := live.Target{Address: address, Name: "my docs"}
		change(s, &o)
		if _, err := Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v, not %q", err, want)
		}
	}
}

// The key is sent to the server, but not to where it redirects, and is in no error.
func TestKey(t *testing.T) {
	t.Setenv(KeyVariable, "hunter2")
	s, address := newImitation(t, "Cosine", 30)
	s.key = "hunter2"
	if _, err := Open(t.Context(), live.Target{Address: address, Name: "my docs"}); err != nil {
		t.Error(err)
	}
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("redirected: %v", r.Header) }))
	defer elsewhere.Close()
	redirecting := httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/hunter2", http.StatusTemporaryRedirect))
	defer redirecting.Close()
	_, err := Open(t.Context(), live.Target{Address: redirecting.URL, Name: "my docs"})
	if err == nil || !strings.Contains(err.Error(), "307 Temporary Redirect") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%v", err)
	}
}

func TestTimeout(t *testing.T) {
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	begin := time.Now()
	_, err := Open(t.Context(), live.Target{Address: slow.URL, Name: "my docs", Timeout: 50 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "Client.Timeout") || time.Since(begin) > 10*time.Second {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, live.Target{Address: slow.URL, Name: "my docs"}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// Points without a vector and zero vectors under the cosine are left out of the sample and of the truth.
func TestZeroVectors(t *testing.T) {
	s, address := newImitation(t, "Cosine", 30)
	clear(s.base.Row(4))
	c, err := Open(t.Context(), live.Target{Address: address, Name: "my docs"})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = c.Vectors(t.Context(), func(id string, v []float32) error {
		n++
		if id == "4" || math.IsNaN(float64(v[0])) {
			t.Errorf("%s: %v", id, v)
		}
		return nil
	})
	queries, failed := c.Sample(t.Context(), 30, 1)
	if err != nil || failed != nil || n != 29 || len(queries) != 29 {
		t.Errorf("%d vectors, %d queries, %v, %v", n, len(queries), err, failed)
	}
}
