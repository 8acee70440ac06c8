package live

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/report"
)

func run(t *testing.T, f *fake, o Options) *report.Report {
	t.Helper()
	if o.Wanted == 0 {
		o.Wanted = .9
	}
	r, err := Run(t.Context(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func at(t *testing.T, r *report.Report, k, ef int) report.Setting {
	t.Helper()
	for _, s := range r.Settings {
		if s.K == k && s.EfSearch == ef {
			return s
		}
	}
	t.Fatalf("no setting k = %d, ef = %d", k, ef)
	return report.Setting{}
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-12 }

// An index that truncates at ef returns ef − 1 of the k − 1 others of a stored vector, and ef of k for a query of its own.
func TestRecallAndFill(t *testing.T) {
	r := run(t, newFake(500), Options{K: []int{21}})
	if s := at(t, r, 21, 10); !near(s.Recall, 9./20) || !near(s.Fill, 9./20) || s.Short != 1 || !s.Present {
		t.Errorf("stored vectors, present setting: %+v", s)
	}
	if s := at(t, r, 21, 40); s.Recall != 1 || s.Fill != 1 || s.Short != 0 || s.Present {
		t.Errorf("stored vectors, ef 40: %+v", s)
	}
	queries := ann.Vectors{N: 3, D: 1, Data: []float32{.3, 20.3, 400.3}}
	r = run(t, newFake(500), Options{K: []int{20}, Queries: queries})
	if s := at(t, r, 20, 10); s.Recall != .5 || s.Fill != .5 {
		t.Errorf("queries: %+v", s)
	}
	if r.Queries != 3 || r.Policy != string(engine.Truncates) || r.Kind != report.KindLive || r.Metric != "l2" {
		t.Errorf("%+v", r)
	}
}

// A neighbour that is as far as the k-th counts by distance, but is not the k-th itself.
func TestTies(t *testing.T) {
	f := newFake(100)
	f.behaviour = func(all Answer, k int, _ Setting) (Answer, error) { return all.without(all.IDs[1]).first(k), nil }
	for target, want := range map[string]float64{report.ByIdentity: 0, report.ByDistance: 1} {
		// Of two answers one is the stored vector itself, which is not at an end of the line: the others are both at distance 1.
		r := run(t, f, Options{K: []int{2}, Sample: 5, Seed: 3, Target: target})
		s := at(t, r, 2, 10)
		if s.Recall != 0 || s.RecallByDistance != 1 || s.Quantiles.Median != want {
			t.Errorf("%s: %+v", target, s)
		}
		if r.Worst[0].Recall != want || r.Worst[0].Nearest != 1 || r.Worst[0].Kth != 1 {
			t.Errorf("%s: %+v", target, r.Worst[0])
		}
	}
}

// A repeated ID counts once.
func TestRepeatedAnswers(t *testing.T) {
	f := newFake(100)
	f.behaviour = func(all Answer, k int, _ Setting) (Answer, error) {
		a := all.first(k)
		for i := 3; i < k; i++ {
			a.IDs[i], a.Distances[i] = a.IDs[2], a.Distances[2]
		}
		return a, nil
	}
	if s := at(t, run(t, f, Options{K: []int{11}, Sample: 50}), 11, 10); !near(s.Recall, .2) || !near(s.Fill, .2) {
		t.Errorf("%+v", s)
	}
}

// The advice is the smallest efSearch that is certain to be enough, and the statement that sets it.
func TestAdvice(t *testing.T) {
	r := run(t, newFake(500), Options{K: []int{5, 20}, Wanted: .95, Sample: 300})
	v := r.Advice
	if v == nil || v.EfSearch != 20 || v.K != 20 || v.Statement != "ef = 20" || v.Verified != 1 || v.VerifiedOn != 150 || v.Bound < .95 || v.Bound >= 1 {
		t.Fatalf("%+v", v)
	}
	if !strings.Contains(v.Text, "Set ef to 20: with it the mean recall at k = 20 is at least 9") {
		t.Error(v.Text)
	}
	r = run(t, newFake(500), Options{K: []int{20}, Wanted: .95, Sample: 20})
	if r.Advice != nil || !strings.Contains(strings.Join(r.Notes, "\n"), "10 queries, half of those asked, cannot show a recall of 95 %") {
		t.Errorf("too few queries: %+v %q", r.Advice, r.Notes)
	}
	r = run(t, newFake(500), Options{K: []int{100}, Wanted: .95, Sample: 300})
	if r.Advice != nil || strings.Contains(strings.Join(r.Notes, "\n"), "cannot show") {
		t.Errorf("out of reach: %+v %q", r.Advice, r.Notes)
	}
}

// A setting with another scan is advised before one for which the engine does not use the index, and the present one before all.
func TestAdviceOfScan(t *testing.T) {
	f := newFake(500)
	f.index.Present.Scan = "off"
	f.index.Ladder = []Setting{{10, "off"}, {40, "off"}, {20, "on"}, {40, "on"}}
	f.unused = []Setting{{40, "off"}}
	r := run(t, f, Options{K: []int{20}, Sample: 100})
	if v := r.Advice; v == nil || v.EfSearch != 20 || v.Scan != "on" || !strings.HasPrefix(v.Text, "Set ef to 20 and the scan to on: ") {
		t.Errorf("%+v", v)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "does not use the index for k = 20 at 1 of 4 settings. Its plan there: a scan.") {
		t.Error(notes)
	}
	f.index.Ladder = f.index.Ladder[:2]
	if v := run(t, f, Options{K: []int{20}, Sample: 100}).Advice; v == nil || v.EfSearch != 40 || !strings.HasPrefix(v.Text, "Set ef to 40 (the engine then searches without the index): ") {
		t.Errorf("%+v", v)
	}
	f.index.Present.EfSearch = 40
	if v := run(t, f, Options{K: []int{20}, Sample: 100}).Advice; v == nil || !strings.HasPrefix(v.Text, "Keep ef at 40 (the engine then") {
		t.Errorf("%+v", v)
	}
}

func TestPolicies(t *testing.T) {
	for want, behaviour := range map[engine.Policy]func(Answer, int, Setting) (Answer, error){
		engine.Truncates: truncate,
		engine.Raises:    func(all Answer, k int, _ Setting) (Answer, error) { return all.first(k), nil },
		engine.Pads:      func(all Answer, k int, s Setting) (Answer, error) { return all.first(min(k, s.EfSearch+5)), nil },
		engine.Rejects: func(all Answer, k int, s Setting) (Answer, error) {
			if k > s.EfSearch {
				return Answer{}, errors.Join(errors.New("ef should be larger than k"), ErrRejected)
			}
			return all.first(k), nil
		},
	} {
		f := newFake(200)
		f.index.Policy = engine.NotAsked
		f.behaviour = behaviour
		r := run(t, f, Options{K: []int{30}, Sample: 100})
		if r.Policy != string(want) {
			t.Errorf("%s, not %s", r.Policy, want)
		}
		if s := at(t, r, 30, 10); s.Rejected != (want == engine.Rejects) {
			t.Errorf("%s: %+v", want, s)
		}
		if want == engine.Rejects && (r.Advice == nil || r.Advice.EfSearch != 40 || len(r.Worst) > 0) {
			t.Errorf("%+v %+v", r.Advice, r.Worst)
		}
	}
}

// What was measured before the connection breaks is reported.
func TestBroken(t *testing.T) {
	f := newFake(500)
	f.fail = 25
	r, err := Run(t.Context(), f, Options{K: []int{20}, Wanted: .9, Sample: 100})
	if !errors.Is(err, errBroken) || r == nil || r.Queries != 25 || !strings.HasPrefix(err.Error(), "after 25 of 100 queries: exact scan: ") {
		t.Fatalf("%+v, %v", r, err)
	}
	if s := at(t, r, 20, 10); !near(s.Recall, 9./19) || !strings.Contains(r.Notes[0], "connection lost") {
		t.Errorf("%+v %q", s, r.Notes)
	}
	f.asked, f.fail = 1, 1
	if r, err := Run(t.Context(), f, Options{K: []int{20}, Wanted: .9}); r != nil || !errors.Is(err, errBroken) {
		t.Errorf("nothing was measured: %+v, %v", r, err)
	}
}

// The truth that is computed here is the same, and an exact scan that is not exact is named.
func TestTruthFromVectors(t *testing.T) {
	for _, m := range ann.Metrics {
		f := newFake(300)
		f.index.Metric = m
		f.base = ann.Vectors{N: 300, D: 2}
		for i := range 300 {
			f.base.Data = append(f.base.Data, float32(math.Cos(float64(i)/60)), 2*float32(math.Sin(float64(i)/60)))
		}
		f.index.D = 2
		r := run(t, f, Options{K: []int{11}, TruthFromVectors: true, Sample: 60, Seed: 1})
		if s := at(t, r, 11, 20); s.RecallByDistance != 1 {
			t.Errorf("%v: %+v", m, s)
		}
		if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "gives the same distances for every query") {
			t.Errorf("%v: %s", m, notes)
		}
		f.scan = func(a Answer) Answer { return a.without(a.IDs[3]) }
		r = run(t, f, Options{K: []int{11}, TruthFromVectors: true, Sample: 60})
		if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "gives other distances for 60 of 60 queries: 0, 7, ") {
			t.Errorf("%v: %s", m, notes)
		}
	}
	f := newFake(300)
	f.index.NoExactScan, f.fail, f.asked = true, 1, 1
	if s := at(t, run(t, f, Options{K: []int{11}}), 11, 20); s.Recall != 1 || s.ExactLatency != nil {
		t.Errorf("%+v", s)
	}
	_, err := Run(t.Context(), newFake(1000), Options{K: []int{11}, Wanted: .9, TruthFromVectors: true, Memory: 1000})
	if err == nil || !strings.Contains(err.Error(), "1000 × 1 vectors take") {
		t.Errorf("%v", err)
	}
}

func TestFilterMatchesFew(t *testing.T) {
	f := newFake(12)
	f.index.N, f.index.Filter = 100, &report.Filter{Text: "few", Matching: 12, Selectivity: .12}
	r := run(t, f, Options{K: []int{40}})
	if s := at(t, r, 40, 10); !near(s.Fill, 9./11) || !near(s.Recall, 9./11) {
		t.Errorf("%+v", s)
	}
	if notes := strings.Join(r.Notes, "\n"); !strings.Contains(notes, "Only 12 vectors can be found") || !strings.Contains(notes, "stored vectors that match the filter") {
		t.Error(notes)
	}
}

func TestMistakes(t *testing.T) {
	for want, change := range map[string]func(*fake, *Options){
		"no k is given":                 func(_ *fake, o *Options) { o.K = nil },
		"k = 0: must be":                func(_ *fake, o *Options) { o.K = []int{5, 0} },
		"k = 1: the only answer":        func(_ *fake, o *Options) { o.K = []int{1} },
		"1 queries: must be":            func(_ *fake, o *Options) { o.Sample = 1 },
		"the queries have 2 dimensions": func(_ *fake, o *Options) { o.Queries = ann.Vectors{N: 1, D: 2, Data: []float32{1, 2}} },
		"row 0 is the zero vector": func(f *fake, o *Options) {
			f.index.Metric, o.Queries = ann.Cosine, ann.Vectors{N: 1, D: 1, Data: []float32{0}}
		},
		"recall 1.5: must be":                  func(_ *fake, o *Options) { o.Wanted = 1.5 },
		"efSearch 0: must be":                  func(_ *fake, o *Options) { o.EfSearch = []int{0} },
		"line holds no vectors":                func(f *fake, _ *Options) { f.index.N = 0 },
		"no vector matches the filter nothing": func(f *fake, _ *Options) { f.index.Matching, f.index.Filter = 0, &report.Filter{Text: "nothing"} },
		"there is only one vector":             func(f *fake, _ *Options) { f.index.Matching = 1 },
		"1 queries are too few":                func(_ *fake, o *Options) { o.Queries = ann.Vectors{N: 1, D: 1, Data: []float32{0}} },
	} {
		f, o := newFake(100), Options{K: []int{10}, Wanted: .9}
		change(f, &o)
		if _, err := Run(t.Context(), f, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, not %q", err, want)
		}
	}
}

func TestLadderOverride(t *testing.T) {
	f := newFake(100)
	f.index.Present.Scan = "off"
	f.index.Ladder = []Setting{{10, "off"}, {20, "off"}, {10, "on"}}
	r := run(t, f, Options{K: []int{7}, EfSearch: []int{30, 10}})
	var got []Setting
	for _, s := range r.Settings {
		got = append(got, Setting{s.EfSearch, s.Scan})
	}
	if r = run(t, f, Options{K: []int{7}, EfSearch: []int{30}}); len(r.Settings) != 2 || !at(t, r, 7, 30).Present {
		t.Errorf("a single value: %+v", r.Settings)
	}
	if want := []Setting{{10, "off"}, {30, "off"}, {10, "on"}, {30, "on"}}; len(got) != 4 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] || got[3] != want[3] {
		t.Errorf("%v", got)
	}
}

func TestCancelled(t *testing.T) {
	f := newFake(100)
	ctx, cancel := context.WithCancel(t.Context())
	f.behaviour = func(Answer, int, Setting) (Answer, error) {
		cancel()
		return Answer{}, ctx.Err()
	}
	if _, err := Run(ctx, f, Options{K: []int{7}, Wanted: .9}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// Without a present setting the worst queries are those of the advice.
func TestNoPresentSetting(t *testing.T) {
	f := newFake(500)
	f.index.NoPresent, f.index.Present = true, Setting{}
	r := run(t, f, Options{K: []int{20}, Sample: 100})
	if len(r.Settings) != 4 || r.Advice == nil || r.Advice.EfSearch != 20 || r.Worst[0].Recall != 1 {
		t.Errorf("%+v", r)
	}
	for _, s := range r.Settings {
		if s.Present || s.EfSearch == 0 {
			t.Errorf("%+v", s)
		}
	}
	if r = run(t, f, Options{K: []int{20}, Sample: 100, EfSearch: []int{10}}); len(r.Settings) != 1 || !r.Settings[0].Present || r.Worst[0].Recall > .5 {
		t.Errorf("%+v", r)
	}
	if r = run(t, f, Options{K: []int{200}, Sample: 100}); r.Advice != nil || r.Worst[0].Returned != 39 {
		t.Errorf("%+v", r)
	}
}
