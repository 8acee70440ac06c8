package storage

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"anncapacity/lib/ann"
)

// A process with a memory limit of 256 MiB searches 10⁶ vectors of 128 bytes, reads all units for some queries, and finds the exact
// neighbours with less than 256 MB. The test takes half a minute and 2 GB; it runs if ANNCAPACITY_LARGE is set.
func TestLargeBaseInLittleMemory(t *testing.T) {
	if os.Getenv(largeEnv) == "" {
		t.Skipf("takes half a minute: set %s to run it", largeEnv)
	}
	base := clustered(largeN, 128, false, 1)
	o := Options{
		Base: base, Learn: clustered(500, 128, false, 2), Out: filepath.Join(t.TempDir(), "index"),
		Way: "kmeans", Clusters: 64, Seed: 1, Ks: []int{10}, Progress: os.Stderr,
	}
	built(t, o)
	cmd := process("", searchEnv+"="+o.Out, "GOMEMLIMIT=256MiB")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var s searched
	if err := json.Unmarshal(out, &s); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d kB; %s", s.RSS, s.Found.Summary())
	if s.RSS*1024 >= mostRSS {
		t.Errorf("%d kB of memory", s.RSS)
	}
	queries := clustered(s.Queries, 128, false, 5)
	if got := recallOf(base, queries.Slice(0, 20), s.Found.IDs[:20], 10); got < .99 {
		t.Errorf("recall %v, expected %v", got, s.Found.ExpectedRecall)
	}
	checkDistances(t, base, queries, s.Found)
}

// checkDistances recomputes the distances of the neighbours.
func checkDistances(t *testing.T, base, queries ann.Coordinates, f *Found) {
	row := make([]float32, base.D)
	for q, ids := range f.IDs {
		for i, id := range ids {
			d := f.Distances[q][i]
			if want := base.SquaredL2(queries.Row(q, row), int(id)); d*d < want*(1-1e-6) || d*d > want*(1+1e-6) {
				t.Fatalf("query %d: vector %d at %v, squared %v", q, id, d, want)
			}
			if i > 0 && d < f.Distances[q][i-1] {
				t.Fatalf("query %d: %v", q, f.Distances[q])
			}
		}
	}
}
