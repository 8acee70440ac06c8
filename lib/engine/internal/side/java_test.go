package side_test

import (
	"os"
	"strings"
	"testing"

	"anncapacity/lib/engine"
	"anncapacity/lib/engine/internal/side"
	"anncapacity/lib/engine/internal/side/sidetest"
)

// serving returns an engine of a class that is no engine, with the source in a file of this package.
func serving(t *testing.T, class, file string) engine.Engine {
	t.Helper()
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return toy(side.Java("lucene-core", class, source))
}

// A class that cannot be served is an error that quotes Java, and no process is left.
func TestJavaDoesNotStart(t *testing.T) {
	e := serving(t, "Npy", "Npy.java")
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	if e.Version() == "" || strings.Contains(e.Version(), "jar") {
		t.Errorf("version %q", e.Version())
	}
	parent := t.TempDir()
	t.Setenv("TMPDIR", parent)
	_, err := e.Build(t.Context(), square, engine.Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "Scan: ") || !strings.Contains(err.Error(), "cannot access a member of class Npy") {
		t.Error(err)
	}
	sidetest.Empty(t, parent)
}

// A class that was compiled from another source is not used.
func TestJavaIsUpToDate(t *testing.T) {
	if err := serving(t, "Npy", "Npy.java").Missing(); err != nil {
		t.Skip(err)
	}
	if err := serving(t, "Npy", "Side.java").Missing(); err == nil || !strings.Contains(err.Error(), "Npy.java was compiled from another version of the project: make engines") {
		t.Error(err)
	}
	if err := serving(t, "Nothing", "Npy.java").Missing(); err == nil || !strings.Contains(err.Error(), "Nothing.class") {
		t.Error(err)
	}
}
