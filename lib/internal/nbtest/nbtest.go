// Package nbtest executes the project's notebooks without a browser and reads the outputs of their cells.
package nbtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// ErrNotSetUp is the error of a checkout without Jupyter or without the Go kernel.
var ErrNotSetUp = errors.New("the Go kernel is missing: run `make setup`")

// Notebook is a Jupyter notebook of format 4.
type Notebook struct {
	Format   int `json:"nbformat"`
	Metadata struct {
		Kernel struct {
			Name string `json:"name"`
		} `json:"kernelspec"`
	} `json:"metadata"`
	Cells []Cell `json:"cells"`
}

// Cell is a cell of a notebook. Count is its position in the order of execution, from 1; 0 means that it was not executed.
type Cell struct {
	Type    string   `json:"cell_type"`
	Source  Text     `json:"source"`
	Count   int      `json:"execution_count"`
	Outputs []Output `json:"outputs"`
}

// Output is one output of a cell: a stream (Name is stdout or stderr), a display (Data, by MIME type), or an error.
type Output struct {
	Type    string          `json:"output_type"`
	Name    string          `json:"name"`
	Text    Text            `json:"text"`
	Data    map[string]Text `json:"data"`
	Shown   map[string]Text `json:"metadata"` // settings of the display by MIME type, as JSON
	Message string          `json:"evalue"`
}

// Text is a text that the file holds as one string or as a list of lines. Any other JSON is kept unchanged.
type Text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *Text) UnmarshalJSON(data []byte) error {
	var whole string
	var lines []string
	switch {
	case json.Unmarshal(data, &whole) == nil:
		*t = Text(whole)
	case json.Unmarshal(data, &lines) == nil:
		*t = Text(strings.Join(lines, ""))
	default:
		*t = Text(data)
	}
	return nil
}

// Stdout returns the text that the cell printed to standard output.
func (c Cell) Stdout() string {
	var b strings.Builder
	for _, o := range c.Outputs {
		if o.Type == "stream" && o.Name == "stdout" {
			b.WriteString(string(o.Text))
		}
	}
	return b.String()
}

// Read reads a notebook. It is an error, which names the file, if the file is not a notebook of format 4.
func Read(path string) (*Notebook, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var n Notebook
	if err := json.Unmarshal(data, &n); err != nil {
		return nil, fmt.Errorf("%s: not a notebook: %w", path, err)
	}
	if n.Format != 4 {
		return nil, fmt.Errorf("%s: nbformat is %d, want 4", path, n.Format)
	}
	return &n, nil
}

// Execute runs the notebook at path, in its folder, with the kernel of the checkout at root, and returns it with its outputs.
// It does not change the file. Variables such as "PROFILE=quick" are added to the environment. If a cell fails, the error
// contains the name of the notebook, the number of the cell and the text that it printed. If the checkout is not set up, the
// error wraps ErrNotSetUp. When ctx is done, the running cell is interrupted.
func Execute(ctx context.Context, root, path string, variables ...string) (*Notebook, error) {
	python := filepath.Join(root, ".local", "python", "bin", "python")
	kernel := filepath.Join(root, ".local", "jupyter", "kernels", "gonb", "kernel.json")
	for _, needed := range []string{python, kernel} {
		if _, err := os.Stat(needed); err != nil {
			return nil, fmt.Errorf("%w (%v)", ErrNotSetUp, err)
		}
	}
	out, err := os.MkdirTemp("", "notebook")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(out)
	cmd := exec.CommandContext(ctx, python, filepath.Join(root, "environment", "notebooks.py"), "execute", "--out", out, path)
	cmd.Env = append(os.Environ(), variables...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 30 * time.Second
	var report bytes.Buffer
	cmd.Stdout, cmd.Stderr = &report, &report
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return nil, fmt.Errorf("executing %s: %w\n%s", path, err, report.String())
	}
	return Read(filepath.Join(out, filepath.Base(path)))
}
