// Package comparetest tests that an engine has the policy that it documents.
package comparetest

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
)

// Policy tests that e shows its documented policy, or one in e.Trial.Shows, for k = 400 at efSearch 20 or e.Trial.EfSearch, and
// that an answer repeats an ID only as e.Trial.Repeats allows. It skips the test if e is not available.
func Policy(t *testing.T, e engine.Engine) {
	t.Helper()
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	result, err := compare.Run(t.Context(), compare.Options{
		Base: points(), Engines: []engine.Engine{e}, K: []int{10, 50, 400}, EfSearch: cmp.Or(e.Trial.EfSearch, 20), Sweep: []int{10, 100}, SweepK: []int{10},
		Sample: 40, Out: t.TempDir(), Index: engine.Options{M: 8},
	})
	if err != nil {
		t.Fatal(err)
	}
	row := result.Engines[0]
	if row.Missing != "" {
		t.Fatal(row.Missing)
	}
	want := e.Trial.Shows
	if want == nil {
		want = []engine.Policy{e.Policy}
	}
	if !slices.Contains(want, row.Observed) {
		t.Errorf("%s %s: documented %q; observed %q, want %q\n%+v", e.Name, row.Version, row.Documented, row.Observed, want, result.Records)
	}
	for _, r := range result.Records {
		if r.Error == "" && (r.Repeated != 0) != (e.Trial.Repeats && r.EmptyShare > 0) {
			t.Errorf("repeated answers: %+v", r)
		}
	}
}

// points returns 1,500 points in 24 dimensions around 21 centres.
func points() ann.Vectors {
	const n, d = 1500, 24
	rng := rand.New(rand.NewPCG(1, 0))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range v.Data {
		v.Data[i] = float32(5*((i/d)%7)*((i%d)%3)) + float32(rng.NormFloat64())
	}
	return v
}
