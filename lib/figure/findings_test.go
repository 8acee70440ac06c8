package figure

import (
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/study"
)

// The synthetic overlap is 1/(1+k/(10 efSearch)): at k = 260 from 1/2.04 to 1/1.26, and the same for all efSearch at
// one k/efSearch; its steepest step is the first of efSearch 25, from 1/1.04 to 1/1.08.
func TestFixedEffortFindings(t *testing.T) {
	got, err := FixedEffortFindings(records(1))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"HNSW's overlap at k = 260 is 49.0–79.4 % over the efSearch tried; at one k / efSearch it is 96.2 % at k = 0.4 × efSearch, " +
			"78.1 % at k = 2.8 × efSearch, 67.6 % at k = 4.8 × efSearch.",
		"From one k to the next HNSW's overlap falls by 3.6 percentage points at most (at k = 20), and the first query to get fewer " +
			"neighbours than it asked for is met at k = 60 with efSearch 25, k = 110 with efSearch 50, k = 160 with efSearch 75, " +
			"k = 210 with efSearch 100.",
		"coder/hnsw v0.6.1, on the same points, reaches 28.6 % at k = 10 and 58.0 % at k = 500, and another efSearch changes its " +
			"overlap by 0.0 percentage points at most.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestFindingsOfOneIndexAlone(t *testing.T) {
	only := func(index string) []study.Record {
		return slices.DeleteFunc(records(1), func(r study.Record) bool { return r.Index != index })
	}
	got, err := FixedEffortFindings(only(study.IndexHNSW))
	if err != nil || got[2] != "coder/hnsw v0.6.1 was not run." {
		t.Errorf("without coder/hnsw: %v, %v", got, err)
	}
	if _, err := FixedEffortFindings(only(indexCoderHNSW)); err == nil {
		t.Error("findings without the project's index")
	}
}
