// Package enginetest tests engines. It compares their answers with brute force, checks what they return when k exceeds
// efSearch, and checks that invalid input gives an error that names the engine.
package enginetest

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Beyond is what an engine returns when k exceeds efSearch.
type Beyond int

const (
	Full        Beyond = iota // k answers
	Padded                    // k slots, some of them empty
	Short                     // fewer than k answers
	FullOrShort               // Full or Short, without empty slots
	Error                     // an error that names the engine
)

// Want holds the expected results of one engine on 2,000 Gaussian points of 16 dimensions.
type Want struct {
	EfSearch int                    // for Recall; zero means engine.DefaultEfSearch
	Recall   map[ann.Metric]float64 // minimum recall@10 for queries that are not indexed; 1 requires the distances of brute force
	Beyond   Beyond                 // at k = 800 and efSearch 10
	Repeats  bool                   // an answer among equal points may repeat an ID

	Filtered      float64 // minimum recall@10 of a filtered search and after deletions, at efSearch 200; zero means .9
	IgnoresFilter bool    // a filtered search returns points that do not match, without an error
	ShortFilter   bool    // a filtered search at k = 10 among half of the points returns fewer than 10

	ShortAfterDelete bool // after deletions, a search at k = 10 may return fewer than 10
}

const (
	points, dimensions, queries = 2000, 16, 40
	k, beyondK, beyondEf        = 10, 800, 10
)

// Run tests e. It skips the test if e is not available.
func Run(t *testing.T, e engine.Engine, w Want) {
	t.Helper()
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	if w.EfSearch == 0 {
		w.EfSearch = engine.DefaultEfSearch
	}
	if e.Version() == "" {
		t.Errorf("%s: is available and has no version", e.Name)
	}
	for _, m := range e.Metrics {
		t.Run(m.String(), func(t *testing.T) { answers(t, e, m, w) })
	}
	t.Run("k > efSearch", func(t *testing.T) { beyond(t, e, w.Beyond) })
	t.Run("bad questions", func(t *testing.T) { badQuestions(t, e) })
	t.Run("bad sets", func(t *testing.T) { badSets(t, e) })
	if e.Deterministic {
		t.Run("two builds", func(t *testing.T) { twoBuilds(t, e) })
	}
	t.Run("filters", func(t *testing.T) { filters(t, e, w) })
	t.Run("deletions", func(t *testing.T) { deletions(t, e, w) })
	t.Run("equal points", func(t *testing.T) { equalPoints(t, e, w) })
}

// Gaussian returns n points of d independent standard normal coordinates.
func Gaussian(n, d int, seed uint64) ann.Vectors {
	r := rand.New(rand.NewPCG(seed, 0))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range v.Data {
		v.Data[i] = float32(r.NormFloat64())
	}
	return v
}

// Build returns an index of base and closes it at the end of the test. It ends the test if e cannot build it.
func Build(t *testing.T, e engine.Engine, base ann.Vectors, o engine.Options) engine.Index {
	t.Helper()
	o.Dir = t.TempDir()
	x, err := e.Build(t.Context(), base, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 2 {
			if err := x.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
	})
	return x
}

// BruteForce returns the k nearest points of base, the reference of the tests.
func BruteForce(base ann.Vectors, query []float32, k int, m ann.Metric) ann.Neighbors {
	all := make(ann.Neighbors, base.N)
	for i := range all {
		all[i] = ann.Neighbor{ID: int32(i), Distance: m.Distance(query, base.Row(i))}
	}
	all.Sort()
	return all[:min(k, len(all))]
}

// Overlap returns the share of the points of truth that the answer holds.
func Overlap(a engine.Answer, truth ann.Neighbors) float64 {
	both := 0
	for _, n := range truth {
		if slices.Contains(a.IDs, n.ID) {
			both++
		}
	}
	return float64(both) / float64(len(truth))
}

func answers(t *testing.T, e engine.Engine, m ann.Metric, w Want) {
	base, asked := Gaussian(points, dimensions, 1), Gaussian(queries, dimensions, 2)
	x := Build(t, e, base, engine.Options{Metric: m, M: 16, EfConstruction: 100, Seed: 1})
	if err := x.SetEfSearch(w.EfSearch); err != nil {
		t.Fatal(err)
	}
	batch, err := x.AskBatch(t.Context(), asked, k)
	if err != nil || len(batch) != queries {
		t.Fatalf("%d answers to %d queries: %v", len(batch), queries, err)
	}
	recall, together := 0.0, 0.0
	for i := range queries {
		one, err := x.Ask(t.Context(), asked.Row(i), k)
		if err != nil {
			t.Fatal(err)
		}
		valid(t, one, base.N, k)
		valid(t, batch[i], base.N, k)
		truth := BruteForce(base, asked.Row(i), k, m)
		if w.Recall[m] == 1 {
			sameDistances(t, one, truth, func(id int32) float32 { return m.Distance(asked.Row(i), base.Row(int(id))) })
		}
		recall += Overlap(one, truth) / queries
		together += Overlap(batch[i], truth) / queries
	}
	t.Logf("recall@%d at effort %d: %.3f one by one, %.3f in a batch", k, w.EfSearch, recall, together)
	if least := w.Recall[m] - 1e-9; recall < least || together < least {
		t.Errorf("recall %.3f one by one, %.3f in a batch: at least %.3f is expected", recall, together, w.Recall[m])
	}
	if size := x.Size(); size.Memory+size.Disk < 4*points*dimensions {
		t.Errorf("%+v cannot hold the vectors", size)
	}
}

// valid checks that an answer has at most k slots and that each slot holds a point or padding.
func valid(t *testing.T, a engine.Answer, n, k int) {
	t.Helper()
	if len(a.IDs) > k || a.Distances != nil && len(a.Distances) != len(a.IDs) {
		t.Fatalf("%d IDs and %d distances for k = %d", len(a.IDs), len(a.Distances), k)
	}
	for _, id := range a.IDs {
		if id != engine.Padding && (id < 0 || int(id) >= n) {
			t.Fatalf("ID %d of %d points", id, n)
		}
	}
}

// sameDistances checks that an answer has the distances of truth, rank by rank, to five digits. Points at equal distances
// may change places.
func sameDistances(t *testing.T, a engine.Answer, truth ann.Neighbors, distance func(int32) float32) {
	t.Helper()
	const tie = 1e-5
	if len(a.IDs) != len(truth) {
		t.Fatalf("%d answers, brute force %d", len(a.IDs), len(truth))
	}
	for i, n := range truth {
		if a.IDs[i] == engine.Padding {
			t.Fatalf("rank %d is empty", i)
		}
		if d := distance(a.IDs[i]); max(d-n.Distance, n.Distance-d) > tie*max(1, n.Distance, -n.Distance) {
			t.Fatalf("rank %d: point %d at %v, brute force %d at %v", i, a.IDs[i], d, n.ID, n.Distance)
		}
	}
}

func beyond(t *testing.T, e engine.Engine, want Beyond) {
	base := Gaussian(points, dimensions, 3)
	x := Build(t, e, base, engine.Options{M: 8, EfConstruction: 40, Seed: 1, Metric: e.Metrics[0]})
	if err := x.SetEfSearch(beyondEf); err != nil {
		t.Fatal(err)
	}
	full, padded, short := 0, 0, 0
	for i := range queries {
		a, err := x.Ask(t.Context(), base.Row(i), beyondK)
		switch {
		case want == Error:
			names(t, e, err, "k > efSearch")
		case err != nil:
			t.Fatal(err)
		case slices.Contains(a.IDs, engine.Padding):
			padded++
		case len(a.IDs) < beyondK:
			short++
		default:
			full++
		}
	}
	t.Logf("%d queries with k = %d at efSearch %d: %d full, %d padded, %d short", queries, beyondK, beyondEf, full, padded, short)
	as := map[Beyond]int{Full: full, Padded: padded, Short: short, FullOrShort: full + short, Error: queries}
	if as[want] < queries*9/10 {
		t.Error("these are not the expected answers")
	}
}

// names fails the test unless err begins with the engine's name.
func names(t *testing.T, e engine.Engine, err error, what string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), e.Name) {
		t.Errorf("%s: an error that names %s was expected, not %v", what, e.Name, err)
	}
}

// twoBuilds compares the answers of two indexes of the same points.
func twoBuilds(t *testing.T, e engine.Engine) {
	base, asked := Gaussian(points, dimensions, 9), Gaussian(queries, dimensions, 10)
	var answers [2][]engine.Answer
	for i := range answers {
		var err error
		x := Build(t, e, base, engine.Options{Metric: e.Metrics[0], M: 8, EfConstruction: 40, Seed: 1})
		if answers[i], err = x.AskBatch(t.Context(), asked, k); err != nil {
			t.Fatal(err)
		}
	}
	if !reflect.DeepEqual(answers[0], answers[1]) {
		t.Error("two builds with the same options answer differently")
	}
}

// equalPoints searches a set that holds each of 60 points five times.
func equalPoints(t *testing.T, e engine.Engine, w Want) {
	different := Gaussian(60, 8, 8)
	base := ann.Vectors{N: 300, D: 8, Data: slices.Repeat(different.Data, 5)}
	x := Build(t, e, base, engine.Options{Metric: e.Metrics[0], Seed: 1})
	if err := x.SetEfSearch(200); err != nil {
		t.Fatal(err)
	}
	for i := range different.N {
		a, err := x.Ask(t.Context(), base.Row(i), 5)
		if err != nil {
			t.Fatal(err)
		}
		valid(t, a, base.N, 5)
		ids := slices.DeleteFunc(slices.Clone(a.IDs), func(id int32) bool { return id == engine.Padding })
		slices.Sort(ids)
		if distinct := slices.Compact(ids); !w.Repeats && len(distinct) < len(a.IDs) {
			t.Errorf("point %d: %v holds a point twice, or nothing", i, a.IDs)
		}
		if w.Recall[e.Metrics[0]] == 1 && slices.ContainsFunc(a.IDs, func(id int32) bool { return int(id)%different.N != i }) {
			t.Errorf("point %d: %v are not the five equal points", i, a.IDs)
		}
	}
}
