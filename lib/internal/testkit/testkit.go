// Package testkit finds what tests compare with: the peers in Python, their committed answers, and shared data.
//
// A test must run in a plain clone. What it compares with is therefore committed, in answers/, as the peers gave it; where the
// peers are installed (`make peers`), the same test asks them again. Data that are too large to commit are in ../shared, where a
// machine has them: they add to a test and are never all of it.
//
// The answers are written again by
//
//	go test ./lib/embedding ./lib/images ./lib/fidelity ./lib/exact ./lib/hnsw ./lib/advise ./lib/study ./lib/resnet50 ./lib/internal/testkit -record
//
// in an installation with all peers, hnswlib among them (`make peers`, `environment/setup.sh bench`).
package testkit

import (
	"os"
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

// HasShared reports whether all paths of ../shared (real photographs, weights, golden values) are there. Where one is missing it
// logs that, and what is not checked without it.
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

// Shared is the path of a file or folder of ../shared. It ends the test where that is missing: HasShared tells beforehand.
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
