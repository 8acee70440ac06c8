// Package testkit provides the references of tests: peers in Python, their committed answers, and shared data.
//
// Every test runs in a plain clone. The answers of the peers are therefore committed in answers/. If the peers are installed
// (`make peers`), the same test also compares with their current answers. Data that are too large to commit are in ../shared,
// which not every machine has. Tests that use them repeat, on real data, what other tests check with committed data.
//
// The following command writes the answers again, in an installation with all peers, including hnswlib (`make peers`,
// `environment/setup.sh bench`):
//
//	go test ./lib/embedding ./lib/images ./lib/fidelity ./lib/exact ./lib/hnsw ./lib/advise ./lib/study ./lib/resnet50 ./lib/internal/numpy ./lib/internal/tensorfile ./lib/internal/testkit -record
package testkit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/internal/checkout"
)

// Root returns the top folder of the checkout, which holds go.mod.
func Root(t testing.TB) string {
	t.Helper()
	dir, err := checkout.Root()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// HasShared reports whether all of the paths exist in ../shared, which holds real photographs, weights and golden values. If
// one is missing, it logs that and what is therefore not checked.
func HasShared(t testing.TB, unchecked string, paths ...string) bool {
	t.Helper()
	var missing []string
	for _, path := range paths {
		if _, err := os.Stat(shared(t, path)); err != nil {
			missing = append(missing, path)
		}
	}
	if len(missing) > 0 {
		t.Logf("not checked: %s (../shared lacks %s)", unchecked, strings.Join(missing, ", "))
	}
	return len(missing) == 0
}

// Shared returns the path of a file or folder in ../shared. The test fails if it does not exist; call HasShared before.
func Shared(t testing.TB, path string) string {
	t.Helper()
	full := shared(t, path)
	if _, err := os.Stat(full); err != nil {
		t.Fatal(err)
	}
	return full
}

func shared(t testing.TB, path string) string {
	t.Helper()
	return filepath.Join(Root(t), "..", "shared", filepath.FromSlash(path))
}

// WantMentions reports a test failure if err is nil or its text lacks one of the words. The failure begins with what.
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
