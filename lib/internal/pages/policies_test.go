package pages

import (
	"os"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
)

// observesPolicies asks one engine, and writes the page of all.
func observesPolicies(t *testing.T, command string) {
	anncapacity(t, command, "--out docs", "--out docs --only 'anncapacity HNSW Truncate'")
	rows, err := compare.ReadObservations("docs")
	if err != nil || len(rows) != 1 || rows[0].Observed != engine.Truncates || rows[0].Returned != rows[0].EfSearch {
		t.Errorf("%+v (%v)", rows, err)
	}
	if text, err := os.ReadFile("docs/engines.md"); err != nil || !strings.Contains(string(text), "| anncapacity HNSW Truncate | ") {
		t.Errorf("%v\n%s", err, text)
	}
}

// comparesUnderCosine compares the project's own engines in a folder below that of a comparison.
func comparesUnderCosine(t *testing.T, command string) {
	anncapacity(t, command, "--out", "--sample 20 --k 10,100 --sweep 10 --only '^anncapacity' --out")
	r, err := compare.Read("results/" + compare.CosineDir)
	if err != nil || len(r.Engines) != 5 || r.Records[0].Metric != ann.Cosine.String() || r.Records[0].Overlap != 1 {
		t.Errorf("%+v (%v)", r, err)
	}
}

// searchesFiltered searches with filters and after deletions in the project's own index.
func searchesFiltered(t *testing.T, command string) {
	anncapacity(t, command, "--filters", "--filters --sample 20 --only 'anncapacity HNSW Raise'")
	if rows, err := compare.ReadFilters("results"); err != nil || len(rows) != 7*4+8*2 || rows[0].Fill == 0 || rows[0].Wrong != 0 {
		t.Errorf("%+v (%v)", rows, err)
	}
}
