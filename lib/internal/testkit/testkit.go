// Package testkit finds what tests need from outside the project: shared golden data, and peers in Python.
package testkit

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/internal/checkout"
)

// Root is the top of the checkout, where go.mod is.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := checkout.Root()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// Shared is the path of a file or folder of ../shared (real photographs, weights, golden values); where it is
// missing the test is skipped and says so.
func Shared(t testing.TB, path string) string {
	t.Helper()
	full := filepath.Join(Root(t), "..", "shared", filepath.FromSlash(path))
	if _, err := os.Stat(full); err != nil {
		t.Skipf("shared data is missing: %s", full)
	}
	return full
}

// Python runs a script of environment/peers in the test-only Python environment and returns what it printed.
// Where that environment is missing the test is skipped and says so.
func Python(t testing.TB, script string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(interpreter(t), append([]string{filepath.Join(Root(t), "environment", "peers", script)}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, stderr.Bytes())
	}
	return out
}

// WantMentions reports an error of what is done that is missing, or whose text lacks one of the words.
func WantMentions(t testing.TB, what string, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: no error", what)
		return
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%s: error %q does not mention %q", what, err, word)
		}
	}
}

// interpreter is the test-only Python environment's; where that is missing the test is skipped and says so.
func interpreter(t testing.TB) string {
	t.Helper()
	python := filepath.Join(Root(t), ".local", "peers", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		t.Skipf("the peers' Python environment is missing (%s): run `make peers`", python)
	}
	return python
}

// NeedsHNSWLib skips the test where the test-only Python environment lacks hnswlib, which is compiled and so needs more than
// the other peers.
func NeedsHNSWLib(t testing.TB) {
	t.Helper()
	if err := exec.Command(interpreter(t), "-c", "import hnswlib").Run(); err != nil {
		t.Skip("hnswlib is missing: run environment/setup.sh bench, which needs g++ and python3-dev")
	}
}
