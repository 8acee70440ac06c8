package advise

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/confidence"
	"anncapacity/lib/exact"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/report"
)

// clusters returns n points in d dimensions around 20 centres.
func clusters(n, d int, seed uint64) ann.Vectors {
	rng := rand.New(rand.NewPCG(seed, 1))
	centers := make([]float32, 20*d)
	for i := range centers {
		centers[i] = float32(2 * rng.NormFloat64())
	}
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range n {
		c := rng.IntN(20) * d
		for j := range d {
			v.Data[i*d+j] = centers[c+j] + float32(rng.NormFloat64())
		}
	}
	return v
}

func run(t *testing.T, o Options) *Report {
	t.Helper()
	r, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// vectorsOnly returns a memory limit that is too small for the matrix of all distances.
func vectorsOnly(o Options) int64 {
	o, _ = o.withDefaults()
	return o.matrixBytes() - 1
}

// found searches for every query as an engine with the policy does. It returns the recall relative to the exact neighbours
// by brute force, and the length of the answer, per query.
func found(t *testing.T, base ann.Vectors, queries []int32, k int, o hnsw.SearchOptions, g *hnsw.Graph) (recalls, lengths []float64) {
	t.Helper()
	s, err := hnsw.NewSearcher(g, base, o)
	if err != nil {
		t.Fatal(err)
	}
	index := exact.New(base)
	for _, q := range queries {
		truth, err := index.Search(ann.Point(base, q), k)
		if err != nil {
			t.Fatal(err)
		}
		in := map[int32]bool{}
		for _, n := range truth {
			in[n.ID] = true
		}
		list, err := s.Search(ann.Point(base, q), k)
		if err != nil {
			t.Fatal(err)
		}
		shared := 0
		for _, n := range list {
			if in[n.ID] {
				shared++
			}
		}
		recalls, lengths = append(recalls, float64(shared)/float64(k)), append(lengths, float64(len(list)))
	}
	return recalls, lengths
}

func average(x []float64) (sum float64) {
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func shareFrom(x []float64, limit float64) float64 {
	count := 0
	for _, v := range x {
		if v >= limit-1e-9 {
			count++
		}
	}
	return float64(count) / float64(len(x))
}

// Searches confirm that the advised efSearch is the smallest whose bounds on the queries that determine it are sufficient, and
// confirm the verified recall and the rows of the policies, on the matrix and on the vectors. n = 1,500, d = 12, k = 30, M = 8,
// efConstruction = 40.
func TestAdviceIsWhatSearchingFinds(t *testing.T) {
	base := clusters(1500, 12, 1)
	o := Options{Base: base, K: []int{30}, Recall: 0.93, Share: .9, M: []int{8}, EfConstruction: []int{40}, EfSearch: []int{5, 20, 60}, Seed: 3, Builds: 1}
	sampled := o
	sampled.Memory, sampled.Sample = vectorsOnly(o), 400
	for name, o := range map[string]Options{"matrix": o, "vectors": sampled} {
		r := run(t, o)
		if r.Method.OnMatrix != (name == "matrix") {
			t.Fatalf("%s: on matrix is %v", name, r.Method.OnMatrix)
		}
		p, err := newProblem(context.Background(), must(o.withDefaults()))
		if err != nil {
			t.Fatal(err)
		}
		g, err := hnsw.Build(context.Background(), p.space, hnsw.Options{M: 8, EfConstruction: 40, Seed: 3, Insertion: hnsw.AsFAISS115})
		if err != nil {
			t.Fatal(err)
		}
		searchAgain(t, name, p, g, r.Indexes[0])
		checkPolicies(t, base, p.queries, g, r.Indexes[0])
	}
}

// searchAgain compares the needs of an index with searches.
func searchAgain(t *testing.T, name string, p *problem, g *hnsw.Graph, x report.Index) {
	t.Helper()
	at := func(ef int) (calibrated, others []float64) {
		recalls, _ := found(t, p.Base, p.queries, x.K, hnsw.SearchOptions{EfSearch: ef}, g)
		for i, recall := range recalls {
			if p.verify[i] {
				others = append(others, recall)
			} else {
				calibrated = append(calibrated, min(recall, 1))
			}
		}
		return calibrated, others
	}
	bound := func(ef int) float64 {
		calibrated, _ := at(ef)
		low, err := confidence.LowerMean(calibrated, .95)
		if err != nil {
			t.Fatal(err)
		}
		return low
	}
	if is, before := bound(x.Mean.EfSearch), bound(x.Mean.EfSearch-1); is < p.Recall || before >= p.Recall || math.Abs(is-x.Mean.Bound) > 1e-6 {
		t.Errorf("%s: efSearch %d has the bound %v, one less %v, reported is %v", name, x.Mean.EfSearch, is, before, x.Mean.Bound)
	}
	calibrated, others := at(x.Mean.EfSearch)
	if len(others) != len(p.queries)/4 || math.Abs(average(calibrated)-x.Mean.Recall) > 1e-9 || math.Abs(average(others)-x.Mean.Verified) > 1e-9 {
		t.Errorf("%s: recall %v and of %d others %v, reported is %+v", name, average(calibrated), len(others), average(others), x.Mean)
	}
	share := func(ef int) float64 {
		calibrated, _ := at(ef)
		count := int(math.Round(shareFrom(calibrated, p.Recall) * float64(len(calibrated))))
		low, err := confidence.LowerShare(count, len(calibrated), .95)
		if err != nil {
			t.Fatal(err)
		}
		return low
	}
	if is, before := share(x.Each.EfSearch), share(x.Each.EfSearch-1); is < .9 || before >= .9 || math.Abs(is-x.Each.Bound) > 1e-9 {
		t.Errorf("%s: efSearch %d has the bound %v of the share, one less %v, reported is %v", name, x.Each.EfSearch, is, before, x.Each.Bound)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func checkPolicies(t *testing.T, base ann.Vectors, queries []int32, g *hnsw.Graph, s report.Index) {
	t.Helper()
	if len(s.Policies) < 8 || slices.ContainsFunc(s.Policies, func(r report.PolicyRow) bool { return r.EfSearch > 30 }) {
		t.Fatalf("rows: %+v", s.Policies)
	}
	for _, row := range s.Policies {
		for _, p := range hnsw.Policies {
			if p.String() != row.Policy || p == hnsw.Reject {
				continue
			}
			recalls, lengths := found(t, base, queries, 30, hnsw.SearchOptions{EfSearch: row.EfSearch, Policy: p}, g)
			short := 1 - shareFrom(lengths, 30)
			if math.Abs(average(recalls)-row.Recall) > 1e-9 || math.Abs(average(lengths)-row.Length) > 1e-9 || math.Abs(short-row.Short) > 1e-9 {
				t.Errorf("%+v: searching gives recall %v, length %v, short %v", row, average(recalls), average(lengths), short)
			}
		}
		if row.Rejected != (row.Policy == "Reject") {
			t.Errorf("%+v", row)
		}
	}
}

func TestSweepChoosesTheCheapest(t *testing.T) {
	r := run(t, Options{Base: clusters(1200, 16, 2), K: []int{10}, Recall: 0.9, M: []int{4, 16}, EfConstruction: []int{20, 80}})
	best := slices.IndexFunc(r.Indexes, func(x report.Index) bool { return x.Best })
	if len(r.Indexes) != 4 || best < 0 || r.Advice == nil || r.Advice.EfSearch != r.Indexes[best].Mean.EfSearch {
		t.Fatalf("%+v", r)
	}
	for i, s := range r.Indexes {
		if s.M != []int{4, 4, 16, 16}[i] || s.EfConstruction != []int{20, 80, 20, 80}[i] || s.Best != (i == best) {
			t.Errorf("index %d is M = %d, efConstruction = %d, best %v", i, s.M, s.EfConstruction, s.Best)
		}
		if s.Mean != nil && s.Mean.Visited < r.Indexes[best].Mean.Visited {
			t.Errorf("index %d visits %v nodes, the best %v", i, s.Mean.Visited, r.Indexes[best].Mean.Visited)
		}
	}
	if text := r.String(); strings.Count(text, "\n") < 15 || !strings.Contains(text, "All indexes") {
		t.Errorf("text:\n%s", text)
	}
}

// The same options give the same bytes for every GOMAXPROCS; another seed gives another index.
func TestSameBytes(t *testing.T) {
	o := Options{Name: "e", Base: clusters(2000, 12, 4), K: []int{20}, Recall: 0.95, M: []int{8}, EfConstruction: []int{40}, Seed: 7}
	sampled := o
	sampled.Memory, sampled.Sample = vectorsOnly(o), 300
	for name, o := range map[string]Options{"matrix": o, "vectors": sampled} {
		encode := func(o Options, procs int) string {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			data, err := json.Marshal(run(t, o))
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
		one := encode(o, 1)
		if four := encode(o, 4); one != four {
			t.Errorf("%s:\n%s\n%s", name, one, four)
		}
		o.Seed = 8
		if other := encode(o, 2); strings.ReplaceAll(other, `"seed":8`, `"seed":7`) == one {
			t.Errorf("%s: another seed gives the same report", name)
		}
	}
}

func TestReportNamesTheSample(t *testing.T) {
	o := Options{Name: "words.npy", Base: clusters(1500, 8, 5), K: []int{20}, Recall: 0.9, Seed: 11, Sample: 1000}
	o.Memory = vectorsOnly(o)
	r := run(t, o)
	if r.Queries != 1000 || r.Method.AllPoints || r.Method.OnMatrix || r.Method.CalibratedOn != 750 || r.Method.VerifiedOn != 250 {
		t.Errorf("%+v", r)
	}
	for _, says := range []string{"words.npy: 1,500 vectors of 8 dimensions", "Set efSearch = ", "1,000 points, drawn with seed 11", "on the vectors",
		"the lower bound on 750 queries", "Verified on 250 other queries", "the worst of 8 graphs"} {
		if !strings.Contains(r.String(), says) {
			t.Errorf("%q is not in:\n%s", says, r)
		}
	}
	o.Memory, o.Sample = 0, 0
	if r = run(t, o); r.Queries != 1500 || !r.Method.OnMatrix || !r.Method.AllPoints {
		t.Errorf("%+v", r)
	}
}

// k = n − 1 and recall 1: every other point must be visited, which no number of queries promises for others.
func TestEveryPointIsANeighbour(t *testing.T) {
	r := run(t, Options{Base: clusters(120, 6, 9), K: []int{119}, Recall: 1})
	x := r.Indexes[0]
	if x.Mean != nil || r.Advice != nil || x.Observed == nil || x.Observed.Recall != 1 || x.Observed.Visited != 119 {
		t.Errorf("%+v", x)
	}
	if says := "no number of queries shows with confidence that a mean recall is 1"; !strings.Contains(r.String(), says) || !strings.Contains(r.Notes[0], says) {
		t.Errorf("%s\n%q", r, r.Notes)
	}
}

func TestRankIsTheSmallestEnough(t *testing.T) {
	for _, c := range []struct {
		share      float64
		count, are int
	}{{0.99, 100, 99}, {0.07, 100, 7}, {0.57, 100, 57}, {0.29, 100, 29}, {1, 100, 100}, {0.001, 100, 1}, {0.951, 100, 96}, {0.999, 1000, 999}, {0.999, 10, 10}} {
		if got := rankOf(c.share, c.count); got != c.are {
			t.Errorf("%v of %d: rank %d, want %d", c.share, c.count, got, c.are)
		}
	}
}
