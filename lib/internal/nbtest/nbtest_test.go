package nbtest_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/internal/nbtest"
	"anncapacity/lib/internal/testkit"
)

// write writes a notebook of code cells to a new folder outside the checkout and returns its path.
func write(t *testing.T, name string, sources ...string) string {
	t.Helper()
	var cells []map[string]any
	for _, source := range sources {
		cells = append(cells, map[string]any{"cell_type": "code", "metadata": map[string]any{}, "execution_count": nil,
			"outputs": []any{}, "source": source})
	}
	data, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "cells": cells,
		"metadata": map[string]any{"kernelspec": map[string]any{"name": "gonb", "display_name": "Go (gonb)", "language": "go"}}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// execute runs a notebook that ends within two minutes. It skips the test if the kernel is missing.
func execute(t *testing.T, path string, variables ...string) (*nbtest.Notebook, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	n, err := nbtest.Execute(ctx, testkit.Root(t), path, variables...)
	if errors.Is(err, nbtest.ErrNotSetUp) {
		t.Skip(err)
	}
	return n, err
}

func TestExecuteReturnsWhatCellsPrint(t *testing.T) {
	path := write(t, "distance.ipynb", "%noautoget\nimport \"anncapacity/lib/ann\"",
		"%%\nfmt.Println(ann.L2([]float32{0, 3}, []float32{4, 0}))",
		"%%\nfmt.Println(os.Getenv(\"DATASET\"), os.Getenv(\"WEIGHTS\"), os.Getenv(\"PROFILE\"))",
		"%%\nfmt.Print(\"1 of 2\\r2 of 2\\n\")")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n, err := execute(t, path, "DATASET=", "WEIGHTS=imagenet1k_v2", "PROFILE=")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "5\n", "generated imagenet1k_v2 quick\n", "2 of 2\n"} {
		if got := n.Cells[i].Stdout(); got != want {
			t.Errorf("cell %d printed %q, want %q", i+1, got, want)
		}
		if n.Cells[i].Count != i+1 {
			t.Errorf("cell %d has the execution count %d", i+1, n.Cells[i].Count)
		}
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Error("the notebook itself was changed")
	}
}

func TestExecuteNamesTheCellThatFails(t *testing.T) {
	cases := map[string]struct {
		cell string
		want string
	}{
		"exit.ipynb":    {"%%\nlog.Fatal(\"the disk is full\")", "the disk is full"},
		"compile.ipynb": {"%%\nunused := 1", "declared and not used: unused"},
		"shell.ipynb":   {"!echo no such photograph >&2; exit 3", "no such photograph\nexit status 3"},
		"panic.ipynb":   {"%%\nvar m map[string]int\nm[\"a\"] = 1", "assignment to entry in nil map"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := execute(t, write(t, name, "%noautoget", "%%\nfmt.Println(1)", c.cell, "%%\nfmt.Println(\"later\")"))
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range []string{name, "code cell [3] of 4 failed", c.want} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q:\n%v", want, err)
				}
			}
		})
	}
}

// notebooks.py fetch calls bin/anncapacity to download the dataset and the weights of a job. Here, a script in its place records
// its arguments.
func TestFetch(t *testing.T) {
	script, err := os.ReadFile(filepath.Join(testkit.Root(t), "environment", "notebooks.py"))
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	const command = "#!/bin/sh\necho \"$*\" >>\"$0.log\"\ntest \"$2\" != stl10 || exit 3\n"
	for path, text := range map[string]string{"environment/notebooks.py": string(script), "bin/anncapacity": command} {
		path = filepath.Join(root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		dataset, weights, want string
		status                 int
	}{
		{"", "", "", 0},
		{"imagenette", "imagenet1k_v2", "download imagenette\ndownload imagenet1k_v2\n", 0},
		{"bin", "imagenet1k_v1", "download imagenet1k_v1\n", 0},
		{"stl10", "imagenet1k_v2", "download stl10\n", 3},
	} {
		log := filepath.Join(root, "bin", "anncapacity.log")
		if err := os.WriteFile(log, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("python3", filepath.Join(root, "environment", "notebooks.py"), "fetch")
		cmd.Env = append(os.Environ(), "DATASET="+c.dataset, "WEIGHTS="+c.weights, "PROFILE=")
		out, err := cmd.CombinedOutput()
		asked, _ := os.ReadFile(log)
		if string(asked) != c.want || cmd.ProcessState.ExitCode() != c.status {
			t.Errorf("DATASET=%s WEIGHTS=%s: asks for %q, status %d, want %q, %d (%v)\n%s",
				c.dataset, c.weights, asked, cmd.ProcessState.ExitCode(), c.want, c.status, err, out)
		}
	}
}

func TestExecuteRefusesUnknownJobs(t *testing.T) {
	path := write(t, "empty.ipynb", "%noautoget")
	for _, variable := range []string{"DATASET=no/such/folder", "WEIGHTS=no-such-file", "PROFILE=huge"} {
		if _, err := execute(t, path, variable); err == nil || !strings.Contains(err.Error(), variable) {
			t.Errorf("%s: the error is %v", variable, err)
		}
	}
}

func TestExecuteStopsWithItsContext(t *testing.T) {
	marker := filepath.Join(t.TempDir(), "started")
	path := write(t, "endless.ipynb", "%noautoget",
		"%%\nos.WriteFile(os.Getenv(\"MARKER\"), nil, 0o644)\ntime.Sleep(time.Hour)", "%%\nos.Remove(os.Getenv(\"MARKER\"))")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(marker); err == nil {
				cancel()
			}
			time.Sleep(50 * time.Millisecond)
		}
	}()
	_, err := nbtest.Execute(ctx, testkit.Root(t), path, "MARKER="+marker)
	if errors.Is(err, nbtest.ErrNotSetUp) {
		t.Skip(err)
	}
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "stopped in code cell [2] of 3") {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(marker); err != nil {
		t.Error("the next cell was executed after the stop")
	}
}

func TestReadRefusesOtherFiles(t *testing.T) {
	for name, content := range map[string]string{"truncated.ipynb": `{"nbformat": 4, "cells": [`, "old.ipynb": `{"nbformat": 3}`, "empty.ipynb": ""} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := nbtest.Read(path); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}
