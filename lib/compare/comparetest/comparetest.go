// Package comparetest tests that an engine has the policy that it documents.
package comparetest

import (
	"slices"
	"testing"

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
	result, err := compare.Run(t.Context(), compare.Trial(e, t.TempDir()))
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
