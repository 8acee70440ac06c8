package nbtest_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"anncapacity/lib/internal/nbtest"
	"anncapacity/lib/internal/testkit"
)

// privatePath matches an absolute path of a machine.
var privatePath = regexp.MustCompile(`(^|[\s"'=(:>\[])/(root|home|tmp|work|mnt|var|Users|private)/[^\s"'<]*`)

// problems returns the reasons why a notebook must not be committed. A notebook must be complete and executed once from top
// to bottom without an error, with the project's kernel and without automatic downloads, and show no path of a machine.
func problems(n *nbtest.Notebook) []string {
	var found []string
	add := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if n.Metadata.Kernel.Name != "gonb" {
		add("the kernel is %q, not gonb", n.Metadata.Kernel.Name)
	}
	executed := 0
	for i, cell := range n.Cells {
		if path := privatePath.FindString(texts(cell)); path != "" {
			add("cell %d shows a path of a machine: %s", i+1, strings.TrimSpace(path))
		}
		if cell.Type != "code" || strings.TrimSpace(string(cell.Source)) == "" {
			continue
		}
		executed++
		if executed == 1 && !strings.Contains(string(cell.Source), "%noautoget") {
			add("cell %d, the first code cell, lacks %%noautoget", i+1)
		}
		if cell.Count != executed {
			add("cell %d was executed as number %d, not %d", i+1, cell.Count, executed)
		}
		for _, output := range cell.Outputs {
			if output.Type == "error" {
				add("cell %d failed: %s", i+1, output.Message)
			}
		}
	}
	if executed == 0 {
		add("it has no code")
	}
	return found
}

// texts returns the source and all outputs of a cell that are text.
func texts(cell nbtest.Cell) string {
	parts := []string{string(cell.Source)}
	for _, output := range cell.Outputs {
		parts = append(parts, string(output.Text), output.Message)
		for kind, data := range output.Data {
			if strings.HasPrefix(kind, "text/") {
				parts = append(parts, string(data))
			}
		}
	}
	return strings.Join(parts, "\n")
}

func TestCommittedNotebooks(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(testkit.Root(t), "notebooks", "*.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) == 0 {
		t.Skip("there are no notebooks in notebooks/")
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			n, err := nbtest.Read(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, problem := range problems(n) {
				t.Error(problem)
			}
		})
	}
}

func TestProblems(t *testing.T) {
	code := func(count int, source string, outputs ...nbtest.Output) nbtest.Cell {
		return nbtest.Cell{Type: "code", Count: count, Source: nbtest.Text(source), Outputs: outputs}
	}
	first := code(1, "%noautoget")
	cases := map[string]struct {
		kernel string
		cells  []nbtest.Cell
		want   string
	}{
		"good":             {"gonb", []nbtest.Cell{{Type: "markdown", Source: "and/or, k/efSearch"}, first, code(2, "%%")}, ""},
		"other kernel":     {"python3", []nbtest.Cell{first}, "the kernel is"},
		"automatic get":    {"gonb", []nbtest.Cell{code(1, "%%")}, "lacks %noautoget"},
		"not executed":     {"gonb", []nbtest.Cell{first, code(0, "%%")}, "executed as number 0, not 2"},
		"executed twice":   {"gonb", []nbtest.Cell{first, code(3, "%%")}, "executed as number 3, not 2"},
		"error":            {"gonb", []nbtest.Cell{first, code(2, "%%", nbtest.Output{Type: "error", Message: "exit status 1"})}, "cell 2 failed"},
		"path in a stream": {"gonb", []nbtest.Cell{code(1, "%noautoget", nbtest.Output{Type: "stream", Text: "in /home/ann/x\n"})}, "/home/ann/x"},
		"path in a display": {"gonb", []nbtest.Cell{code(1, "%noautoget",
			nbtest.Output{Type: "display_data", Data: map[string]nbtest.Text{"text/html": "<td>/tmp/gonb_1/main.go</td>"}})}, "/tmp/gonb_1/main.go"},
		"no code": {"gonb", []nbtest.Cell{{Type: "markdown", Source: "text"}}, "no code"},
	}
	for name, c := range cases {
		n := &nbtest.Notebook{Format: 4, Cells: c.cells}
		n.Metadata.Kernel.Name = c.kernel
		got := strings.Join(problems(n), "; ")
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
