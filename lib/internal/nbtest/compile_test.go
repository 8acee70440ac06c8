package nbtest_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"anncapacity/lib/internal/checkout"
	"anncapacity/lib/internal/nbtest"
	"anncapacity/lib/internal/testkit"
)

// magic matches a line that is a command to the kernel, not Go.
var magic = regexp.MustCompile(`(?m)^[%!].*$`)

// program returns the cells of a notebook as one Go file: declarations as they are, and a function for each cell that runs.
func program(n *nbtest.Notebook) string {
	var imports, declarations, functions strings.Builder
	for i, cell := range n.Cells {
		source := string(cell.Source)
		switch code := magic.ReplaceAllString(source, ""); {
		case cell.Type != "code":
		case strings.HasPrefix(source, "%%"):
			fmt.Fprintf(&functions, "func cell%d() {\n%s\n}\n", i, code)
		case strings.Contains(code, "import ("):
			before, after, _ := strings.Cut(code, "\n)")
			imports.WriteString(before + "\n)\n")
			declarations.WriteString(after + "\n")
		default:
			declarations.WriteString(code + "\n")
		}
	}
	return "package main\n" + imports.String() + declarations.String() + functions.String() + "func main() {}\n"
}

// The cells of every committed notebook compile with the packages of this checkout, standard imports added as the kernel does.
func TestCommittedNotebooksCompile(t *testing.T) {
	goimports, err := checkout.Installed("bin/goimports")
	if err != nil {
		t.Skip(nbtest.ErrNotSetUp)
	}
	root := testkit.Root(t)
	paths, err := filepath.Glob(filepath.Join(root, "notebooks", "*.ipynb"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no notebooks: %v", err)
	}
	overlay := map[string]string{}
	var packages []string
	for i, path := range paths {
		n, err := nbtest.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "main.go")
		if err := os.WriteFile(file, []byte(program(n)), 0o600); err != nil {
			t.Fatal(err)
		}
		if told, err := exec.Command(goimports, "-w", file).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", filepath.Base(path), err, told)
		}
		name := fmt.Sprintf("notebook%d", i+1)
		overlay[filepath.Join(root, "lib", "internal", "nbtest", name, "main.go")] = file
		packages = append(packages, "./lib/internal/nbtest/"+name)
	}
	build(t, root, overlay, packages)
}

// build compiles packages that exist in the overlay only.
func build(t *testing.T, root string, overlay map[string]string, packages []string) {
	t.Helper()
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "overlay.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"build", "-overlay", file, "-o", os.DevNull}, packages...)...)
	cmd.Dir = root
	if told, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, told)
	}
}
