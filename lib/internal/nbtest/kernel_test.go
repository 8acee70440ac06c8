package nbtest_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/internal/memory"
	"anncapacity/lib/internal/nbtest"
	"anncapacity/lib/internal/testkit"
)

// python runs a script with the checkout's Python and Jupyter. It skips the test if the kernel is missing.
func python(t *testing.T, arguments ...string) []byte {
	t.Helper()
	local := filepath.Join(testkit.Root(t), ".local")
	if _, err := os.Stat(filepath.Join(local, "jupyter", "kernels", "gonb", "kernel.json")); err != nil {
		t.Skip(errors.Join(nbtest.ErrNotSetUp, err))
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(local, "python", "bin", "python"), arguments...)
	cmd.Env = append(os.Environ(), "JUPYTER_DATA_DIR="+filepath.Join(local, "jupyter"), "JUPYTER_RUNTIME_DIR="+t.TempDir(), "JUPYTER_NO_CONFIG=1")
	var printed strings.Builder
	cmd.Stderr = &printed
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, printed.String())
	}
	return out
}

// Cells run with the same settings of the memory allocator as the commands.
func TestKernelTunesMemory(t *testing.T) {
	n, err := execute(t, write(t, "tunables.ipynb", "%noautoget", "%%\nfmt.Print(os.Getenv(\"GLIBC_TUNABLES\"))"))
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Cells[1].Stdout(); got != memory.Tunables() {
		t.Errorf("a cell has GLIBC_TUNABLES=%q, want %q", got, memory.Tunables())
	}
}

// With environment/gonb/0001, cells that were sent before a cell failed are not executed, and later ones are.
func TestKernelAbortsWaitingCells(t *testing.T) {
	if got := strings.Fields(string(python(t, filepath.Join("testdata", "send_cells.py"), "gonb"))); strings.Join(got, " ") != "ok ok error aborted aborted ok" {
		t.Errorf("the replies are %v", got)
	}
}

// Go is highlighted as Go in the HTML page, and the notebook names the language Go without a lexer (environment/gonb/0002).
func TestHTMLHighlightsGo(t *testing.T) {
	path := write(t, "page.ipynb", "%noautoget\nfunc twice(n int) int { return 2 * n }", "!echo 'a $HOME ?' # b", "%%\nfmt.Println(twice(2) % 3)")
	out := t.TempDir()
	python(t, filepath.Join(testkit.Root(t), "environment", "notebooks.py"), "execute", "--html", "--out", out, path)
	page, err := os.ReadFile(filepath.Join(out, "page.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<span class="kd">func</span>`, `<span class="cp">%noautoget</span>`, `<span class="cp">%%</span>`,
		`<span class="cp">!echo 'a $HOME ?' # b</span>`, `<span class="o">%</span>`} {
		if !strings.Contains(string(page), want) {
			t.Errorf("the page does not contain %s", want)
		}
	}
	if strings.Contains(string(page), `class="err"`) {
		t.Error("the page has tokens of no language")
	}
	data, err := os.ReadFile(filepath.Join(out, "page.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	var n struct {
		Metadata struct {
			Language map[string]any `json:"language_info"`
		}
	}
	if err := json.Unmarshal(data, &n); err != nil {
		t.Fatal(err)
	}
	if lexer, named := n.Metadata.Language["pygments_lexer"]; named || n.Metadata.Language["name"] != "go" {
		t.Errorf("the language is %v, its lexer %q", n.Metadata.Language, lexer)
	}
}
