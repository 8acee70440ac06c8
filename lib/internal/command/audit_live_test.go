package command

import (
	"bytes"
	"encoding/json"
	"errors"
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

// demoTable starts a PostgreSQL with the table of package demo, and returns its address for the role that may only read.
func demoTable(t *testing.T) (*pgvector.Database, string) {
	t.Helper()
	d, err := pgvector.NewDatabase(t.Context())
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { d.Close() })
	conn, err := pgx.Connect(t.Context(), d.URL("postgres", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := demo.Fill(t.Context(), conn, demo.Options{Rows: 3000, D: 16, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	return d, d.URL(demo.Role, "hunter2")
}

// The command prints the report as JSON, writes the page, and ends with status 1 if the recall is below -fail-under.
func TestAuditOfTable(t *testing.T) {
	_, url := demoTable(t)
	path := filepath.Join(t.TempDir(), "page.html")
	args := []string{"audit", "--pgvector", url, "--table", "items", "--column", "embedding", "--where", "status = 'active'", "--k", "10,40", "--sample", "50",
		"--ef-search", "40,200", "--recall", ".9", "--truth-from-vectors", "--json", "--report", path, "--fail-under", ".9"}
	cmd, stderr := program(t, ".", args...)
	stdout, err := cmd.Output()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != 1 || !strings.Contains(stderr.String(), "-fail-under 0.9: the mean recall is") {
		t.Fatalf("%v\n%s", err, stderr)
	}
	var r report.Report
	if err := json.Unmarshal(stdout, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Settings) != 12 || r.Queries != 50 || r.Effort != "hnsw.ef_search" || r.Filter.Matching < 1000 || r.Time == "" || r.Wanted != .9 {
		t.Errorf("%s", stdout)
	}
	page, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(page, []byte("hnsw.ef_search")) {
		t.Errorf("%v", err)
	}
	for what, text := range map[string][]byte{"standard output": stdout, "standard error": stderr.Bytes(), "page": page} {
		if bytes.Contains(text, []byte("hunter2")) {
			t.Errorf("%s holds the password", what)
		}
	}
}

// If the connection breaks, what was measured is printed, and the status is 1.
func TestAuditOfTableBreaks(t *testing.T) {
	d, url := demoTable(t)
	cmd, stderr := program(t, t.TempDir(), "audit", "--pgvector", url, "--table", "items", "--column", "embedding", "--k", "10", "--sample", "3000", "--json")
	cmd.Stderr = &killer{d: d, t: t, text: stderr}
	stdout, err := cmd.Output()
	var ended *exec.ExitError
	if !errors.As(err, &ended) || ended.ExitCode() != 1 || !strings.Contains(stderr.String(), "of 3000 queries: ") || !strings.Contains(stderr.String(), "terminating connection") {
		t.Fatalf("%v\n%s", err, stderr)
	}
	var r report.Report
	if err := json.Unmarshal(stdout, &r); err != nil || r.Queries == 0 || r.Queries >= 3000 || !strings.HasPrefix(r.Notes[0], "The audit ended early") {
		t.Errorf("%v %s", err, stdout)
	}
}

// killer ends the connection of the audit when some queries have been answered.
type killer struct {
	d    *pgvector.Database
	t    *testing.T
	text *bytes.Buffer
	done bool
}

func (k *killer) Write(p []byte) (int, error) {
	if !k.done && bytes.Contains(p, []byte("% |█")) {
		k.done = true
		conn, err := pgx.Connect(k.t.Context(), k.d.URL("postgres", ""))
		if err != nil {
			return 0, err
		}
		defer conn.Close(k.t.Context())
		if _, err := conn.Exec(k.t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'anncapacity audit'"); err != nil {
			return 0, err
		}
	}
	return k.text.Write(p)
}

func TestAuditFlags(t *testing.T) {
	filter := filepath.Join(t.TempDir(), "filter.json")
	for args, want := range map[string]string{
		"":                                      "audit: one of -index, -pgvector, -duckdb, -milvus, -qdrant is required",
		"--index x --pgvector y":                "one index at a time",
		"--milvus x --qdrant y":                 "one index at a time",
		"--pgvector x":                          "-pgvector: needs -table",
		"--pgvector x --table t":                "-pgvector: needs -column",
		"--qdrant x":                            "-qdrant: needs -collection",
		"--qdrant x --collection c --where w=1": "-where: has no effect with -qdrant",
		"--pgvector x --table t --column c --filter f":                   "-filter: has no effect with -pgvector",
		"--pgvector x --table t --column c --embeddings e.npy":           "-embeddings: has no effect with -pgvector",
		"--index x --table t":                                            "-table: has no effect with -index",
		"--duckdb x --table t --column c":                                "-duckdb: the engine is not in this program; make engines builds one that has it",
		"--milvus x --collection c":                                      "-milvus: the engine is not in this program; make engines builds one that has it",
		"--pgvector x --table t --column c --timeout 1us":                "-timeout 1µs: must be at least 1ms",
		"--pgvector x --table t --column c --memory 0":                   "-memory 0: must be",
		"--pgvector x --table t --column c --sample 1":                   "-sample 1: must be at least 2",
		"--pgvector x --table t --column c --queries none.npy":           "none.npy",
		"--pgvector postgres://u:hunter2@/x?port=y --table t --column c": "-pgvector: the address of the database must be",
		"--pgvector host=127.0.0.1,port=1 --table t --column c":          "-pgvector: ",
		"--qdrant ftp://host --collection c":                             "-qdrant: the address of Qdrant must be http://host:6333",
		"--qdrant http://127.0.0.1:1 --collection c":                     "connection refused",
		"--qdrant http://127.0.0.1:1 --collection c --filter " + filter:  "filter.json: no such file",
	} {
		err := auditCommand(t.Context(), strings.Fields(args), nil)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, not %q", args, err, want)
		}
	}
}
