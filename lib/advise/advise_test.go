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
	"anncapacity/lib/exact"
	"anncapacity/lib/hnsw"
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

// Searches confirm that the advised efSearch is the smallest that is sufficient, and confirm the rows of the policies, on the
// matrix and on the vectors. n = 1,500, d = 12, k = 30, M = 8, efConstruction = 40.
func TestAdviceIsWhatSearchingFinds(t *testing.T) {
	base := clusters(1500, 12, 1)
	o := Options{Base: base, K: 30, Recall: 0.93, M: []int{8}, EfConstruction: []int{40}, EfSearch: []int{5, 20, 60}, Seed: 3, Builds: 1}
	sampled := o
	sampled.Memory, sampled.Queries = vectorsOnly(o), 400
	for name, o := range map[string]Options{"matrix": o, "vectors": sampled} {
		r := run(t, o)
		if r.OnMatrix != (name == "matrix") {
			t.Fatalf("%s: on matrix is %v", name, r.OnMatrix)
		}
		p, err := newProblem(context.Background(), must(o.withDefaults()))
		if err != nil {
			t.Fatal(err)
		}
		g, err := hnsw.Build(context.Background(), p.space, hnsw.Options{M: 8, EfConstruction: 40, Seed: 3, Insertion: hnsw.AsFAISS115})
		if err != nil {
			t.Fatal(err)
		}
		s := r.Settings[0]
		at := func(ef int) []float64 {
			recalls, _ := found(t, base, p.queries, o.K, hnsw.SearchOptions{EfSearch: ef}, g)
			return recalls
		}
		if is, before := average(at(s.Mean.EfSearch)), average(at(s.Mean.EfSearch-1)); is < o.Recall || before >= o.Recall || math.Abs(is-s.Mean.Recall) > 1e-9 {
			t.Errorf("%s: efSearch %d has mean recall %v, one less %v, reported is %v", name, s.Mean.EfSearch, is, before, s.Mean.Recall)
		}
		if is := shareFrom(at(s.Mean.EfSearch), o.Recall); is != s.Mean.Reached {
			t.Errorf("%s: %v of the queries reach the recall, reported is %v", name, is, s.Mean.Reached)
		}
		if is, before := shareFrom(at(s.Each.EfSearch), o.Recall), shareFrom(at(s.Each.EfSearch-1), o.Recall); is < .999 || before >= .999 {
			t.Errorf("%s: efSearch %d serves %v of the queries, one less %v", name, s.Each.EfSearch, is, before)
		}
		checkPolicies(t, base, p.queries, g, s)
	}
}

func must(o Options, err error) Options {
	if err != nil {
		panic(err)
	}
	return o
}

func checkPolicies(t *testing.T, base ann.Vectors, queries []int32, g *hnsw.Graph, s Setting) {
	t.Helper()
	if len(s.Policies) < 8 || slices.ContainsFunc(s.Policies, func(r PolicyRow) bool { return r.EfSearch > 30 }) {
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
	r := run(t, Options{Base: clusters(1200, 16, 2), K: 10, Recall: 0.9, M: []int{4, 16}, EfConstruction: []int{20, 80}})
	if len(r.Settings) != 4 || r.Best == nil {
		t.Fatalf("%+v", r)
	}
	for i, s := range r.Settings {
		if s.M != []int{4, 4, 16, 16}[i] || s.EfConstruction != []int{20, 80, 20, 80}[i] {
			t.Errorf("setting %d is M = %d, efConstruction = %d", i, s.M, s.EfConstruction)
		}
		if s.Mean != nil && s.Mean.Visited < r.Settings[*r.Best].Mean.Visited {
			t.Errorf("setting %d visits %v nodes, the best %v", i, s.Mean.Visited, r.Settings[*r.Best].Mean.Visited)
		}
	}
	if text := r.String(); strings.Count(text, "\n") < 15 || !strings.Contains(text, "All indexes") {
		t.Errorf("text:\n%s", text)
	}
}

// The same options give the same bytes for every GOMAXPROCS; another seed gives another index.
func TestSameBytes(t *testing.T) {
	o := Options{Name: "e", Base: clusters(2000, 12, 4), K: 20, Recall: 0.95, M: []int{8}, EfConstruction: []int{40}, Seed: 7}
	sampled := o
	sampled.Memory, sampled.Queries = vectorsOnly(o), 300
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
	o := Options{Name: "words.npy", Base: clusters(1500, 8, 5), K: 20, Recall: 0.9, Seed: 11}
	o.Memory = vectorsOnly(o)
	r := run(t, o)
	if r.Queries != 1000 || r.AllQueries || r.OnMatrix || r.Settings[0].Mean.Margin <= 0 {
		t.Errorf("%+v", r)
	}
	for _, says := range []string{"words.npy: 1,500 vectors of 8 dimensions", "Set efSearch = ", "1,000 points, drawn with seed 11", "on the vectors", "±", "the worst of 8 graphs"} {
		if !strings.Contains(r.String(), says) {
			t.Errorf("%q is not in:\n%s", says, r)
		}
	}
	o.Memory = 0
	if r = run(t, o); r.Queries != 1500 || !r.OnMatrix || !r.AllQueries || r.Settings[0].Mean.Margin != 0 {
		t.Errorf("%+v", r)
	}
}

// k = n − 1 and recall 1: every other point must be visited.
func TestEveryPointIsANeighbour(t *testing.T) {
	s := run(t, Options{Base: clusters(120, 6, 9), K: 119, Recall: 1}).Settings[0]
	if s.Mean == nil || s.Mean.Recall != 1 || s.Mean.Visited != 119 || s.Each.EfSearch > s.Mean.EfSearch {
		t.Errorf("%+v", s)
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
