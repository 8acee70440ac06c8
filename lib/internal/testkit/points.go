package testkit

import (
	"os"
	"path/filepath"
	"testing"
)

// Committed sets of vectors, n × d float32 in .npy. environment/peers/points.py describes them, and why their squared distances
// need no rounding.
const (
	Embeddings = "embeddings.npy" // 1,000 × 64, in clusters, with some copies
	Ties       = "ties.npy"       // 600 × 16 whole numbers, ten copies of each row
)

// Points returns the path of a committed set.
func Points(t testing.TB, set string) string {
	t.Helper()
	return filepath.Join(Root(t), "lib", "internal", "testkit", "points", set)
}

// WithPoints copies a set to a new folder, which can be the folder of a question, and returns the folder.
func WithPoints(t testing.TB, set string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	content, err := os.ReadFile(Points(t, set))
	if err != nil {
		t.Fatal(err)
	}
	writeFiles(t, folder, map[string][]byte{set: content})
	return folder
}
