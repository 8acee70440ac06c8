package audit

import (
	"encoding/json"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/confidence"
	"anncapacity/lib/indexfile"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/report"
)

// Every row is what one search for each query at that setting returns, compared with brute force.
func TestSettingsAreThoseOfSearches(t *testing.T) {
	short := 0
	for name, o := range kinds(t) {
		r, c := run(t, o), newOracle(t, o)
		p, err := newProblem(mustDefaults(t, o))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range r.Settings {
			of := make([]report.Observation, p.asked.N)
			for q := range of {
				of[q] = c.observe(t, q, p.asked.Row(q), p.self[q], s.K, s.EfSearch)
			}
			want, err := report.NewSetting(s.K, s.EfSearch, report.ByDistance, of)
			if err != nil {
				t.Fatal(err)
			}
			if s.Recall != want.Recall || s.RecallByDistance != want.RecallByDistance || s.Fill != want.Fill ||
				s.Short != want.Short || s.Interval != want.Interval {
				t.Errorf("%s, k = %d, efSearch = %d:\n%+v\n%+v expected", name, s.K, s.EfSearch, s, want)
			}
			if s.Short > 0 {
				short++
			}
			if s.Present != (s.EfSearch == o.Index.DefaultEfSearch()) {
				t.Errorf("%s: efSearch = %d is present: %v", name, s.EfSearch, s.Present)
			}
		}
		if wantChanged := 30 * min(1, o.Base.N); r.Graph.Changed != wantChanged {
			t.Errorf("%s: %d vectors differ, want %d", name, r.Graph.Changed, wantChanged)
		}
	}
	if short == 0 {
		t.Error("no setting returns too few answers")
	}
}

func mustDefaults(t *testing.T, o Options) Options {
	t.Helper()
	o, err := o.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// The capacity is the mean number of visited nodes, and the largest k whose mean recall is that which is wanted.
func TestCapacity(t *testing.T) {
	o := kinds(t)["FAISS"]
	o.Queries = clusters(15, 6, 2)
	r, c := run(t, o), newOracle(t, o)
	for _, s := range r.Settings {
		if s.Capacity == nil {
			continue
		}
		visited, largest := 0, 0
		hits := make([]int, 101)
		for q := range o.Queries.N {
			walk, err := c.walker.Walk(ann.Query{Vector: o.Queries.Row(q)}, s.EfSearch)
			if err != nil {
				t.Fatal(err)
			}
			visited += walk.Capacity(s.EfSearch)
			for k := 1; k <= 100; k++ {
				hits[k] += c.observe(t, q, o.Queries.Row(q), -1, k, s.EfSearch).ByDistance
			}
		}
		for k, n := range hits {
			if k > 0 && float64(n) >= o.Recall*float64(k*o.Queries.N) {
				largest = k
			}
		}
		if want := (report.Capacity{Visited: float64(visited) / float64(o.Queries.N), LargestK: largest}); *s.Capacity != want {
			t.Errorf("efSearch %d: %+v, want %+v", s.EfSearch, *s.Capacity, want)
		}
	}
}

// The advice is the smallest efSearch whose lower bound on one half of the queries reaches the recall.
func TestAdvice(t *testing.T) {
	for name, o := range kinds(t) {
		o.Recall, o.K = .6, []int{7}
		r := run(t, o)
		s, err := surveyOf(t, o)
		if err != nil || r.Advice == nil {
			t.Fatalf("%s: no advice: %v", name, err)
		}
		order := rand.New(rand.NewPCG(o.Seed, 1)).Perm(s.asked.N)
		bound := func(ef int) float64 {
			b, err := confidence.LowerMean(s.recalls(0, order[:s.asked.N/2], ef), .95)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
		least := 1
		if o.Index.Format != indexfile.FAISS {
			least = 7
		}
		ef := r.Advice.EfSearch
		if r.Advice.Bound != bound(ef) || bound(ef) < .6 || ef > least && bound(ef-1) >= .6 {
			t.Errorf("%s: efSearch %d with the bound %v; %v below", name, ef, r.Advice.Bound, bound(max(1, ef-1)))
		}
		if v := r.Verdict(); v.Advised == nil || r.Advice.VerifiedOn != s.asked.N-s.asked.N/2 ||
			!strings.Contains(r.Advice.Statement, "ef") && o.Index.Format != indexfile.USearch {
			t.Errorf("%s: %+v", name, r.Advice)
		}
	}
}

func surveyOf(t *testing.T, o Options) (*survey, error) {
	t.Helper()
	p, err := newProblem(mustDefaults(t, o))
	if err != nil {
		return nil, err
	}
	if err := p.findTruth(t.Context()); err != nil {
		return nil, err
	}
	return p.walkAll(t.Context())
}

// The same report comes from any number of goroutines.
func TestReportIsDeterministic(t *testing.T) {
	o := kinds(t)["points of usearch"]
	o.Labels = make([]int64, 400)
	for i := range o.Labels {
		o.Labels[i] = int64(i % 3)
	}
	var texts []string
	for _, procs := range []int{1, 4} {
		before := runtime.GOMAXPROCS(procs)
		text, err := json.Marshal(run(t, o))
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	if texts[0] != texts[1] {
		t.Errorf("two reports:\n%s\n%s", texts[0], texts[1])
	}
}

func TestBadOptions(t *testing.T) {
	good := kinds(t)["FAISS"]
	short, wide := clusters(399, 6, 1), clusters(400, 5, 1)
	for says, spoil := range map[string]func(o *Options){
		"needs an index":                    func(o *Options) { o.Index = nil },
		"recall = 1":                        func(o *Options) { o.Recall = 1 },
		"at least 1":                        func(o *Options) { o.K = []int{0} },
		"k = 401":                           func(o *Options) { o.K = []int{401} },
		"399 rows, but the index has 400":   func(o *Options) { o.Base, o.BaseName = short, "b" },
		"5 dimensions, but the index has 6": func(o *Options) { o.Base = wide },
		"queries have 5 dimensions":         func(o *Options) { o.Queries = wide },
		"a single query":                    func(o *Options) { o.Queries = ann.Vectors{N: 1, D: 6, Data: short.Data[:6]} },
		"2 rows":                            func(o *Options) { o.Labels = []int64{1, 2} },
		"label 9: 0 vectors":                func(o *Options) { o.Labels, o.Label = make([]int64, 400), []int64{9} },
	} {
		o := good
		spoil(&o)
		_, err := Run(t.Context(), o)
		testkit.WantMentions(t, says, err, says)
	}
}
