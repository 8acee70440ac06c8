package figure

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

func saved(t *testing.T, f *Figure) map[string][]byte {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	if err := f.Save(dir); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, extension := range []string{"pdf", "svg", "png", "csv"} {
		content, err := os.ReadFile(filepath.Join(dir, f.Name+"."+extension))
		if err != nil {
			t.Fatal(err)
		}
		files[extension] = content
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 4 {
		t.Errorf("%s left %d files, want 4", f.Name, len(entries))
	}
	return files
}

// drawn returns the figure of an entry of the catalogue.
func drawn(t *testing.T, r *Results, name string) *Figure {
	t.Helper()
	i := slices.IndexFunc(Catalogue, func(e Entry) bool { return e.Name == name })
	if i < 0 {
		t.Fatalf("the catalogue has no %s", name)
	}
	f, err := Catalogue[i].Draw(r, photographs)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func export(t *testing.T, r *Results) (dir string, missing []string) {
	t.Helper()
	dir = t.TempDir()
	missing, err := Export{Results: r, About: photographs, Out: dir, Command: CommandLine("out/a job", "figures/x", photographs)}.Save()
	if err != nil {
		t.Fatal(err)
	}
	return dir, missing
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func need(t *testing.T, command, debianPackage string) {
	t.Helper()
	if _, err := exec.LookPath(command); errors.Is(err, exec.ErrNotFound) {
		t.Skipf("%s is missing: apt-get install %s", command, debianPackage)
	}
}

// wantDrawn checks that these figures were drawn, and that every other figure of the catalogue was drawn or is named as
// missing.
func wantDrawn(t *testing.T, dir string, missing []string, names ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.pdf"))
	if err != nil || len(files)+len(missing) != len(Catalogue) {
		t.Errorf("%d figures drawn, missing %q (%v)", len(files), missing, err)
	}
	for _, name := range names {
		if !slices.Contains(files, filepath.Join(dir, name+".pdf")) {
			t.Errorf("%s is not among %q", name, files)
		}
	}
}
