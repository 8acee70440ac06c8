package notebook_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/janpfeifer/must"

	"anncapacity/lib/internal/nbtest"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/notebook"
)

const imports = "%noautoget\nimport (\n\"anncapacity/lib/ann\"\n\"anncapacity/lib/notebook\"\n\"anncapacity/lib/figure\"\n" +
	"\"github.com/janpfeifer/must\"\n)\nvar nb = notebook.Open()"

// execute runs a notebook of the imports and the given cells in a folder of the checkout, as that of the notebooks is.
func execute(t *testing.T, sources ...string) (*nbtest.Notebook, error) {
	t.Helper()
	var cells []map[string]any
	for _, source := range append([]string{imports}, sources...) {
		cells = append(cells, map[string]any{"cell_type": "code", "metadata": map[string]any{}, "execution_count": nil,
			"outputs": []any{}, "source": source})
	}
	data, err := json.Marshal(map[string]any{"nbformat": 4, "nbformat_minor": 4, "cells": cells, "metadata": map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	local := filepath.Join(testkit.Root(t), ".local")
	if err := os.MkdirAll(local, 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(local, "notebook")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	path := filepath.Join(dir, "cells.ipynb")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	n, err := nbtest.Execute(t.Context(), testkit.Root(t), path)
	if errors.Is(err, nbtest.ErrNotSetUp) {
		t.Skip(err)
	}
	return n, err
}

func TestShow(t *testing.T) {
	n, err := execute(t,
		"%%\nv := ann.Vectors{N: 3, D: 1, Data: []float32{1, 2, 4}}\n"+
			"must.M(notebook.ShowFigure(must.M1(figure.Norms(v, figure.Subject{Dataset: \"a\", Network: \"b\"}))))",
		"%%\nmust.M(notebook.ShowList([]string{\"first\", \"second\"}))")
	if err != nil {
		t.Fatal(err)
	}
	// A figure of one column is 3.3 inches wide: 990 dots, shown as 495 pixels.
	shown := n.Cells[1].Outputs[0]
	if len(shown.Data["image/png"]) == 0 || strings.Join(strings.Fields(string(shown.Shown["image/png"])), "") != `{"width":495}` {
		t.Errorf("the figure is shown with %v", shown.Shown)
	}
	if got := n.Cells[2].Outputs[0].Data["text/markdown"]; got != "* first\n* second" {
		t.Errorf("the list is %q", got)
	}
}

func TestErrorIsOneLine(t *testing.T) {
	_, err := execute(t, "%%\nmust.M(errors.New(\"the disk is full\"))")
	if err == nil || !strings.Contains(err.Error(), "the disk is full") || strings.Contains(err.Error(), "goroutine") {
		t.Errorf("the error is %v", err)
	}
}

// TestMain also runs as the cell of TestInterrupt, which starts this program again.
func TestMain(m *testing.M) {
	switch os.Getenv("CELL") {
	case "watches":
		ctx := notebook.Open().Context
		fmt.Println("started")
		<-ctx.Done()
		must.M(fmt.Errorf("batch 3: %w", ctx.Err()))
	case "sleeps":
		notebook.Open()
		fmt.Println("started")
		time.Sleep(time.Hour)
	}
	os.Exit(m.Run())
}

// An interrupted cell ends with an explanation, whether or not it watches its context.
func TestInterrupt(t *testing.T) {
	for _, kind := range []string{"watches", "sleeps"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), "CELL="+kind)
			var printed bytes.Buffer
			cmd.Stderr = &printed
			out, err := cmd.StdoutPipe()
			if err == nil {
				err = cmd.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			if line, err := bufio.NewReader(out).ReadString('\n'); line != "started\n" {
				t.Fatalf("the cell prints %q (%v)", line, err)
			}
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 130 || !strings.HasPrefix(printed.String(), "interrupted: finished results are kept.") {
				t.Errorf("status %d, stderr %q", code, printed.String())
			}
		})
	}
}
