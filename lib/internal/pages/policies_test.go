package pages

import (
	"os"
	"strings"
	"testing"

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
