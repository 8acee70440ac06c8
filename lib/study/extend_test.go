package study

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/internal/testkit"
)

const toyMeasure = `package fidelity

// Toy is the rank of the answer's last member, counted from 1.
var Toy = Measure{
	Label:      "toy",
	Definition: func(l Lists) (float64, bool) { return float64(len(l.Answer)), true },
	Pair:       func(g *Growth) float64 { return float64(g.Found) },
	Mean:       Column{"toy"},
	Tail:       Tail{Min: Column{"toy_min"}},
}
`

const toyStudy = `package main

import (
	"context"
	"log"
	"os"

	"anncapacity/lib/study"
)

func main() {
	o := study.Options{Embeddings: os.Args[1], Out: os.Args[2], Runs: 1, Subset: 600, Conditions: []string{"1"}}
	if _, err := study.Run(context.Background(), o); err != nil {
		log.Fatal(err)
	}
}
`

// A new measure needs one file in package fidelity and one line in its list. With an overlay of both, the records of the
// study contain its columns.
func TestNewMeasureIsOneFileAndOneLine(t *testing.T) {
	root, dir, path := testkit.Root(t), t.TempDir(), vectors(t, 700)
	list := filepath.Join(root, "lib", "fidelity", "measures.go")
	measures, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	overlay := map[string]string{}
	for at, text := range map[string]string{
		filepath.Join(root, "lib", "fidelity", "toy.go"): toyMeasure,
		list: strings.Replace(string(measures), "\tFill,\n", "\tFill,\n\tToy,\n", 1),
		filepath.Join(root, "lib", "study", "internal", "toy", "main.go"): toyStudy,
	} {
		file := filepath.Join(dir, filepath.Base(at))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay[at] = file
	}
	text, _ := json.Marshal(map[string]any{"Replace": overlay})
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.CommandContext(t.Context(), "go", "run", "-overlay", filepath.Join(dir, "overlay.json"), "./lib/study/internal/toy", path, dir)
	run.Dir = root
	if out, err := run.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines := strings.Split(string(recordsOf(t, dir)), "\n")
	columns, first := strings.Split(lines[0], ","), strings.Split(lines[1], ",")
	for column, before := range map[string]string{"toy": "fill", "toy_min": "overlap_min"} {
		at := slices.Index(columns, column)
		if at < 1 || columns[at-1] != before || first[at] != "10" {
			t.Errorf("column %s is number %d of %v: %v", column, at, columns, first)
		}
	}
}
