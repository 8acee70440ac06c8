package figure

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/compare"
	"anncapacity/lib/internal/table"
	"anncapacity/lib/study"
)

// A folder with only a comparison gives its figures; an empty folder is an error.
func TestResultsWithoutAStudy(t *testing.T) {
	dir := t.TempDir()
	if _, _, err := ReadResults(dir); err == nil || !strings.Contains(err.Error(), study.RecordsFile) {
		t.Errorf("an empty folder: %v", err)
	}
	c := comparison()
	c.Records = filter(c.Records, func(r compare.Record) bool { return r.Error == "" }) // NaN is not equal to itself
	for path, err := range map[string]error{
		"engines.csv":        table.WriteRows(filepath.Join(dir, "engines.csv"), c.Engines),
		"engine_records.csv": table.WriteRows(filepath.Join(dir, "engine_records.csv"), c.Records),
	} {
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	r, missing, err := ReadResults(dir)
	if err != nil || len(r.Engines.Engines) != 6 || !slices.Equal(missing, []string{study.RecordsFile}) {
		t.Fatalf("%+v, missing %v (%v)", r, missing, err)
	}
	out, notDrawn := export(t, r)
	wantDrawn(t, out, notDrawn, "EnginePolicies", "RecallSpeed")
	if err := os.WriteFile(filepath.Join(dir, compare.BulkFile), []byte("engine\nx\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadResults(dir); err == nil || !strings.Contains(err.Error(), compare.BulkFile) {
		t.Errorf("a file of other columns: %v", err)
	}
}
