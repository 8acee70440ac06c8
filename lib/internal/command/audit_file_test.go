package command

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/report"
)

// indexFile returns the path of an index file of 16 vectors, which package indexfile reads in its tests.
func indexFile(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(testkit.Root(t), "lib", "indexfile", "testdata", filepath.FromSlash(name))
}

// auditOf runs anncapacity audit and returns its output and its exit status.
func auditOf(t *testing.T, args ...string) (stdout []byte, stderr string, status int) {
	t.Helper()
	cmd, printed := program(t, ".", append([]string{"audit"}, args...)...)
	stdout, err := cmd.Output()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	if ended != nil {
		status = ended.ExitCode()
	}
	return stdout, printed.String(), status
}

// The command prints the report of an index file as JSON and as text, writes the page, and compares the recall with -fail-under.
func TestAuditOfFile(t *testing.T) {
	folder := t.TempDir()
	page, labels := filepath.Join(folder, "page.html"), filepath.Join(folder, "labels.txt")
	if err := os.WriteFile(labels, []byte(strings.Repeat("3\n4\n", 8)), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"--index", indexFile(t, "hnswlib-0.3.2/hnswlib-l2-deleted.index"), "--dimensions", "3", "--metric", "l2",
		"--k", "2,5", "--sample", "10",
		"--ef-search", "5,16", "--recall", ".6", "--labels", labels, "--label", "4", "--json", "--report", page}
	stdout, stderr, status := auditOf(t, args...)
	var r report.Report
	if err := json.Unmarshal(stdout, &r); err != nil || status != 0 {
		t.Fatalf("%v, status %d\n%s%s", err, status, stdout, stderr)
	}
	if r.Kind != report.KindFile || r.Engine != "hnswlib" || r.N != 14 || r.Queries != 10 || r.Graph.Deleted != 2 ||
		len(r.Settings) < 6 || len(r.Labels) != 6 {
		t.Errorf("%s", stdout)
	}
	if text, err := os.ReadFile(page); err != nil || !strings.Contains(string(text), "hnswlib-l2-deleted.index") {
		t.Errorf("the page: %v", err)
	}
	stdout, stderr, status = auditOf(t, "--index", indexFile(t, "faiss-1.5.3/faiss-l2.index"), "--k", "5", "--sample", "10",
		"--ef-search", "1", "--fail-under", "1")
	if status != 1 || !strings.Contains(stderr, "-fail-under 1: the mean recall is") || !strings.Contains(string(stdout),
		"efSearch = 1, faiss-l2.index returns") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

// A command that cannot be right is an error before anything is read.
func TestBadAuditsOfFiles(t *testing.T) {
	hnswlib := indexFile(t, "hnswlib-0.3.2/hnswlib-l2-deleted.index")
	for says, args := range map[string][]string{
		"-index":                      {},
		"-dimensions":                 {"--index", hnswlib, "--metric", "l2"},
		"-metric":                     {"--index", hnswlib, "--dimensions", "3"},
		`-format "annoy"`:             {"--index", hnswlib, "--format", "annoy"},
		"-label: needs -labels":       {"--index", hnswlib, "--label", "3"},
		"-recall 1":                   {"--index", hnswlib, "--recall", "1"},
		"-fail-under 2":               {"--index", hnswlib, "--fail-under", "2"},
		"-ef-search 0":                {"--index", hnswlib, "--ef-search", "0"},
		"-sample 1":                   {"--index", hnswlib, "--sample", "1"},
		"no such file":                {"--index", hnswlib + "x"},
		"is no index file":            {"--index", indexFile(t, "faiss-1.5.3/faiss-l2.json")},
		"k = 100: must be at most 13": {"--index", hnswlib, "--dimensions", "3", "--metric", "l2"},
		"64 dimensions, but the index has 3": {"--index", hnswlib, "--dimensions", "3", "--metric", "l2", "--embeddings",
			testkit.Points(t, testkit.Embeddings)},
	} {
		stdout, stderr, status := auditOf(t, args...)
		if status != 1 || len(stdout) > 0 || !strings.Contains(stderr, says) {
			t.Errorf("%s: status %d\n%s%s", says, status, stdout, stderr)
		}
	}
}
