package checkout

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tree creates the given files in a new folder and changes the working directory to its subfolder deep.
func tree(t *testing.T, deep string, files ...string) (root string) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, deep+"/here") {
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(root, deep))
	return root
}

func TestRootIsTheNearest(t *testing.T) {
	root := tree(t, "outer/inner/a/b", "go.mod", "outer/inner/go.mod")
	if got, err := Root(); err != nil || got != filepath.Join(root, "outer", "inner") {
		t.Errorf("the root is %q (%v)", got, err)
	}
	t.Chdir("/")
	if got, err := Root(); err == nil || !strings.Contains(err.Error(), "no go.mod") {
		t.Errorf("without a go.mod: %q, %v", got, err)
	}
}

// TestInstalled covers patterns, folders whose names contain characters of patterns, and the nearest .local that has the file.
func TestInstalled(t *testing.T) {
	root := tree(t, "x [y]/z/deep", ".local/lib/python3.9/site", "x [y]/.local/lib/python3.11/site", "x [y]/z/.local/other")
	for path, want := range map[string]string{
		"lib/python3.*/site": "x [y]/.local/lib/python3.11/site",
		"lib/python3.9/site": ".local/lib/python3.9/site",
		"lib":                "x [y]/.local/lib",
	} {
		if got, err := Installed(path); err != nil || got != filepath.Join(root, want) {
			t.Errorf("%s is %q (%v), want %s", path, got, err, want)
		}
	}
	if got, err := Installed("lib/none"); err == nil || !strings.Contains(err.Error(), ".local/lib/none was not found above") {
		t.Errorf("lib/none is %q, %v", got, err)
	}
}
