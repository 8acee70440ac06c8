package figure

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/compare"
	"anncapacity/lib/internal/table"
)

// underCosine returns the result of comparison as one under the cosine, without the record that is an error.
func underCosine() *compare.Result {
	r := comparison()
	r.Records = filter(r.Records, func(x compare.Record) bool { return x.Error == "" })
	for i := range r.Records {
		r.Records[i].Metric = ann.Cosine.String()
	}
	return r
}

func TestRecallSpeedCosine(t *testing.T) {
	r := underCosine()
	f, err := RecallSpeedCosine(r, photographs)
	if err != nil {
		t.Fatal(err)
	}
	same, err := RecallSpeed(r, photographs)
	if err != nil || len(same.table) != len(f.table) || f.Name == same.Name {
		t.Errorf("%d lines of the table of %s, want %d (%v)", len(f.table), f.Name, len(same.table), err)
	}
	said, err := RecallSpeedCosineFindings(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"are those of hnswlib, 250 at efSearch 400 (recall 0.990).",
		"Observed when k exceeds efSearch: pads: FAISS HNSW; truncates: pgvector HNSW; raises: hnswlib; rejects: Milvus HNSW.",
		"Not run, because they were not available: DuckDB vss HNSW.",
	} {
		if all := strings.Join(said, " "); !strings.Contains(all, want) {
			t.Errorf("%q lacks %q", all, want)
		}
	}
	r.Records[3].Metric = "euclidean"
	if _, err := RecallSpeedCosine(r, photographs); err == nil || !strings.Contains(err.Error(), "euclidean") {
		t.Errorf("a record of another metric: %v", err)
	}
	if said, err := RecallSpeedCosineFindings(nil); err != nil || said != nil {
		t.Errorf("%v, %v", said, err)
	}
}

// The tables are read from their folder; a table of other columns is an error that names its path.
func TestReadCosine(t *testing.T) {
	dir := t.TempDir()
	below := filepath.Join(dir, compare.CosineDir)
	r := underCosine()
	if err := os.Mkdir(below, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{dir, below} {
		if err := table.Write(r.Tables(out)...); err != nil {
			t.Fatal(err)
		}
	}
	read, _, err := ReadResults(dir)
	if err != nil || read.Cosine == nil || len(read.Cosine.Records) != len(r.Records) {
		t.Fatalf("%+v (%v)", read, err)
	}
	out, notDrawn := export(t, read)
	wantDrawn(t, out, notDrawn, "RecallSpeedCosine")
	engines := filepath.Join(below, "engines.csv")
	if err := os.WriteFile(engines, []byte("engine\nx\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadResults(dir); err == nil || !strings.Contains(err.Error(), engines) {
		t.Errorf("a table of other columns: %v", err)
	}
}
