package pages

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"anncapacity/lib/audit/postgres/demo"
	"anncapacity/lib/engine/pgvector"
	"anncapacity/lib/report"
)

// auditsTable audits a small table as the role that may only read. PostgreSQL is not installed everywhere.
func auditsTable(t *testing.T, command string) {
	database, err := pgvector.NewDatabase(t.Context())
	if err != nil {
		t.Skip("not checked:", err)
	}
	defer database.Close()
	conn, err := pgx.Connect(t.Context(), database.URL("postgres", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	if err := demo.Fill(t.Context(), conn, demo.Options{Rows: 2000, D: 8, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DATABASE_URL", database.URL(demo.Role, ""))
	anncapacity(t, command+" --sample 40")
	if strings.Contains(command, "--report report.html") {
		if page, err := os.ReadFile("report.html"); err != nil || !bytes.Contains(page, []byte("<title>Audit of items")) {
			t.Errorf("%v\n%.300s", err, page)
		}
	}
}

// auditsFile audits an index file that FAISS or hnswlib writes, with the embeddings of the page.
func auditsFile(t *testing.T, command string) {
	python := filepath.Join(top, ".local", "peers", "bin", "python")
	const write = `import numpy, faiss, hnswlib
base = numpy.load("e.npy")
index = faiss.IndexHNSWFlat(base.shape[1], 16)
index.add(base)
faiss.write_index(index, "index.faiss")
index = hnswlib.Index(space="l2", dim=base.shape[1])
index.init_index(len(base))
index.add_items(base)
index.save_index("index.bin")`
	if out, err := exec.Command(python, "-c", write).CombinedOutput(); err != nil {
		t.Skipf("not checked: FAISS and hnswlib are not installed (make peers, environment/setup.sh bench): %v\n%s", err, out)
	}
	writeNormal(t, "queries.npy", 100, 5)
	out, err := exec.Command("bash", "-c", command).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(command, "--json") {
		return
	}
	var r report.Report
	if err := json.Unmarshal(out, &r); err != nil || r.Version != report.Version || len(r.Settings) == 0 || r.Graph == nil {
		t.Errorf("%v\n%.300s", err, out)
	}
}

// auditsNothing checks that the command needs an engine that is not here, and no other flags.
func auditsNothing(t *testing.T, command string) {
	out, err := exec.Command("bash", "-c", strings.ReplaceAll(command, "localhost:6333", "localhost:1")).CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("the engine is not in this program")) && !bytes.Contains(out, []byte("connection refused")) {
		t.Errorf("%v\n%s", err, out)
	}
}
