package advise

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/report"
)

func TestBadOptions(t *testing.T) {
	good := Options{Name: "mine.npy", Base: clusters(50, 4, 1), K: []int{5}, Recall: 0.9}
	nan := clusters(50, 4, 1)
	nan.Data[21] = float32(math.NaN())
	huge := clusters(50, 4, 1)
	huge.Data[21] = 1e19
	for says, change := range map[string]func(*Options){
		"recall = 0:":                 func(o *Options) { o.Recall = 0 },
		"recall = -0.5":               func(o *Options) { o.Recall = -.5 },
		"recall = 1.01":               func(o *Options) { o.Recall = 1.01 },
		"recall = NaN":                func(o *Options) { o.Recall = math.NaN() },
		"k = 0":                       func(o *Options) { o.K = []int{0} },
		"k = 50: must be":             func(o *Options) { o.K = []int{50} },
		"k = 100: must be":            func(o *Options) { o.K = []int{100} },
		"only one vector":             func(o *Options) { o.Base = clusters(1, 4, 1) },
		"0 × 0":                       func(o *Options) { o.Base = ann.Vectors{} },
		"row 5, column 1 is NaN":      func(o *Options) { o.Base = nan },
		"row 5 has length 1e+19":      func(o *Options) { o.Base = huge },
		"M = [1]":                     func(o *Options) { o.M = []int{1} },
		"efConstruction = [100 0]":    func(o *Options) { o.EfConstruction = []int{100, 0} },
		"efSearch = 0":                func(o *Options) { o.EfSearch = []int{0} },
		"builds = 65: must be":        func(o *Options) { o.Builds = 65 },
		"sample = 51":                 func(o *Options) { o.Sample = 51 },
		"need 0.32 GiB, but the memo": func(o *Options) { o.Memory = 10 },
	} {
		o := good
		change(&o)
		if _, err := Run(context.Background(), o); err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "mine.npy") {
			t.Errorf("%s: %v", says, err)
		}
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(stopped, good); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled run gave %v", err)
	}
}

// For unusual embeddings, Run gives advice with the wanted recall, or reports that no efSearch gives it.
func TestStrangeEmbeddings(t *testing.T) {
	constant := clusters(600, 8, 1)
	line := clusters(600, 1, 1)
	duplicates := clusters(4000, 8, 1)
	same := ann.Vectors{N: 300, D: 3, Data: make([]float32, 900)}
	for i := range 600 {
		constant.Row(i)[3] = 5
	}
	for i := range 3000 {
		copy(duplicates.Row(i+500), duplicates.Row(0))
	}
	for name, base := range map[string]ann.Vectors{
		"constant dimension": constant, "one dimension": line, "duplicates by the thousand": duplicates, "all the same": same, "two points": clusters(2, 3, 1),
	} {
		for _, onVectors := range []bool{false, true} {
			o := Options{Base: base, K: []int{min(10, base.N-1)}, Recall: 0.9, M: []int{8}, EfConstruction: []int{40}}
			if onVectors {
				o.Memory = vectorsOnly(o)
			}
			r := run(t, o)
			s := r.Indexes[0]
			if s.Mean != nil && s.Mean.Recall < 0.9 || s.Observed == nil && s.Highest >= 0.9 {
				t.Errorf("%s: %+v", name, s)
			}
			if s.Observed == nil && !strings.Contains(r.String(), "No efSearch gives a mean recall of 0.9 at k = 10") {
				t.Errorf("%s:\n%s", name, r)
			}
			if ties := strings.Contains(name, "same") || strings.Contains(name, "duplicates"); ties != strings.Contains(r.String(), "have ties at rank k") {
				t.Errorf("%s: %d ties:\n%s", name, s.Ties, r)
			}
			t.Logf("%s: best %v, highest %v, %d unreachable, %d ties", name, s.Mean, s.Highest, s.Unreachable, s.Ties)
		}
	}
}

// If too few points are reachable, the report says so and states the highest recall. Searches with efSearch = n do not give a
// higher recall. 3,000 of 4,000 points are equal.
func TestUnreachableRecall(t *testing.T) {
	base := clusters(4000, 8, 1)
	for i := range 3000 {
		copy(base.Row(i+500), base.Row(0))
	}
	o := Options{Base: base, K: []int{10}, Recall: 0.99, M: []int{8}, EfConstruction: []int{40}}
	r := run(t, o)
	s := r.Indexes[0]
	if s.Mean != nil || s.Each != nil || s.Observed != nil || r.Advice != nil || s.Highest >= 0.99 {
		t.Fatalf("%+v", s)
	}
	for _, says := range []string{"No efSearch gives a mean recall of 0.99 at k = 10", fmt.Sprintf("at most %.4f", s.Highest), "75.0 % of the rows are equal to another row",
		"index one row of each group and store a list", "have ties at rank k"} {
		if !strings.Contains(r.String(), says) {
			t.Errorf("%q is not in:\n%s", says, r)
		}
	}
	p, err := newProblem(context.Background(), must(o.withDefaults()))
	if err != nil {
		t.Fatal(err)
	}
	worst := slices.IndexFunc(s.Builds, func(b report.Build) bool { return b.Highest == s.Highest })
	g, err := hnsw.Build(context.Background(), p.space, p.buildOptions(worst, 8, 40))
	if err != nil {
		t.Fatal(err)
	}
	if most := exhaustiveRecall(t, p, g); most > s.Highest+1e-12 || most >= 0.99 {
		t.Errorf("searches with efSearch = n have recall %v, the reported maximum is %v", most, s.Highest)
	}
}

// With ties, a recall of 1 by distance may be reached although engines return other points than the exact neighbours. It is
// reported as observed, not as an advice. 300 points are equal.
func TestRecallOneWithTies(t *testing.T) {
	same := ann.Vectors{N: 300, D: 3, Data: make([]float32, 900)}
	r := run(t, Options{Base: same, K: []int{10}, Recall: 1, M: []int{8}, EfConstruction: []int{40}, Builds: 2})
	x := r.Indexes[0]
	if r.Advice != nil || x.Mean != nil || x.Observed == nil || x.Observed.Recall != 1 || x.Observed.Same > .95 || x.Ties != 300 {
		t.Errorf("%+v, %+v", x, x.Observed)
	}
	if says := "no number of queries shows with confidence that a mean recall is 1"; !strings.Contains(r.String(), says) {
		t.Error(r)
	}
}

// exhaustiveRecall returns the mean recall by distance of searches with efSearch = n.
func exhaustiveRecall(t *testing.T, p *problem, g *hnsw.Graph) float64 {
	t.Helper()
	w, err := hnsw.NewWalker(g, p.space)
	if err != nil {
		t.Fatal(err)
	}
	near := 0
	for q, truth := range p.questions[0].truth {
		walk, err := w.Walk(ann.PointID(int32(q)), p.Base.N)
		if err != nil {
			t.Fatal(err)
		}
		list, err := walk.Answer(hnsw.Pad, p.most(), p.Base.N)
		if err != nil {
			t.Fatal(err)
		}
		farthest := ann.L2(p.Base.Row(q), p.Base.Row(int(truth[p.most()-1])))
		for _, n := range list {
			if n.Distance <= farthest*(1+1e-5) {
				near++
			}
		}
	}
	return float64(near) / float64(len(p.queries)*p.most())
}

// Copies are rows equal number by number: −0 is 0, and a row that differs in its last number is no copy.
func TestCopies(t *testing.T) {
	v := ann.Vectors{N: 7, D: 2, Data: []float32{1, 0, 2, 2, 1, float32(math.Copysign(0, -1)), 1, 1e-45, 2, 2, 1, 0, 3, 3}}
	if c := findCopies(v); c != (copies{rows: 5, largest: 3}) {
		t.Errorf("%+v", c)
	}
	if c := findCopies(clusters(500, 4, 1)); c != (copies{}) {
		t.Errorf("%+v of distinct rows", c)
	}
}
