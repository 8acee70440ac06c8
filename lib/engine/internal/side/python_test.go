package side_test

import (
	"image/color"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/enginetest"
	"anncapacity/lib/engine/internal/side"
	"anncapacity/lib/engine/internal/side/sidetest"
)

// scan is a Python module that compares a query with every row. It takes a second for 1,000 queries.
const scan = `
import os, time
import numpy as np

def build(vectors, attributes, metric, m, ef_construction, seed, threads, folder):
    open(os.path.join(folder, "file"), "wb").write(vectors.tobytes())
    assert (metric, m, ef_construction, seed) == ("euclidean", 32, 200, 2**64 - 1) or len(vectors) != 3
    time.sleep(len(vectors) / 2000)
    return {"vectors": vectors, "folder": folder}

def ask(index, vectors, ids, k, ef):
    time.sleep(len(vectors) / 1000)
    distances = np.linalg.norm(index["vectors"][None] - vectors[:, None], axis=2)
    order = np.argsort(distances, axis=1, kind="stable")[:, :min(k, ef)]
    return order, np.take_along_axis(distances, order, axis=1)

def within(index, vectors, ids, radius):
    distances = np.linalg.norm(index["vectors"][None, ids] - vectors[:, None], axis=2)
    return [ids[row <= radius] for row in distances], [row[row <= radius] for row in distances]

def close(index):
    open(os.path.join(index["folder"], "..", "closed"), "w").close()

def forget(index, vectors, ids):
    index["vectors"][ids] = np.inf
`

func toy(p *side.Program) engine.Engine {
	return engine.Engine{
		Key: "scan", Name: "Scan", Family: "scan", Color: color.RGBA{A: 255}, Policy: engine.Truncates, Effort: "ef",
		Metrics: []ann.Metric{ann.Euclidean}, Install: "make engines", Absent: p.Absent, Version: p.Version, Open: p.Open,
	}
}

// square has four points: three on a line, and one farther off.
var square = ann.Vectors{N: 3, D: 2, Data: []float32{0, 0, 3, 0, 0, 4}}

func openSquare(t *testing.T) *side.Index {
	t.Helper()
	e := toy(side.Python("numpy", []byte(scan)))
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	x, err := e.Build(t.Context(), square, engine.Options{Seed: math.MaxUint64, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 1 || filepath.Base(left[0]) != "closed" {
			t.Errorf("%v: close leaves a file of that name", left)
		}
	})
	return engine.Unwrap(x).(*side.Index)
}

func TestPython(t *testing.T) {
	e := toy(side.Python("numpy", []byte(scan)))
	enginetest.Run(t, e, enginetest.Want{EfSearch: 100, Recall: map[ann.Metric]float64{ann.Euclidean: 1}, Beyond: enginetest.Short})
}

func TestPythonProcess(t *testing.T) {
	sidetest.Run(t, toy(side.Python("numpy", []byte(scan))), enginetest.Gaussian(5000, 8, 2))
}

// A request may have vectors, row numbers and fields. Its answers may have different lengths, or none.
func TestRequests(t *testing.T) {
	x := openSquare(t)
	within := func(radius float64) []engine.Answer {
		t.Helper()
		a, err := x.Answers(t.Context(), side.Request{Do: "within", Vectors: square, IDs: []int32{2, 0}, Fields: map[string]any{"radius": radius}})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for i, want := range []engine.Answer{
		{IDs: []int32{2, 0}, Distances: []float32{4, 0}}, {IDs: []int32{0}, Distances: []float32{3}}, {IDs: []int32{2, 0}, Distances: []float32{0, 4}},
	} {
		if a := within(4)[i]; !slices.Equal(a.IDs, want.IDs) || !slices.Equal(a.Distances, want.Distances) {
			t.Errorf("query %d: %+v, want %+v", i, a, want)
		}
	}
	if none := within(-1); len(none) != 3 || len(none[0].IDs)+len(none[1].IDs)+len(none[2].IDs) != 0 {
		t.Errorf("no point is nearer than −1: %+v", none)
	}
	if a, err := x.Do(t.Context(), side.Request{Do: "forget", IDs: []int32{2}}); a != nil || err != nil {
		t.Errorf("%v, %v", a, err)
	}
	if a := within(4)[0]; !slices.Equal(a.IDs, []int32{0}) {
		t.Errorf("after point 2 is forgotten: %v", a.IDs)
	}
	if _, err := x.Answers(t.Context(), side.Request{Do: "forget", Vectors: square, IDs: []int32{2}}); err == nil || !strings.Contains(err.Error(), "0 answers for 3 queries") {
		t.Error(err)
	}
	if size := x.Size(); size.Disk < 4*int64(len(square.Data)) {
		t.Errorf("%+v: the file in the index's folder is missing", size)
	}
}

// An exception is the error of its request alone.
func TestPythonErrors(t *testing.T) {
	x := openSquare(t)
	for want, q := range map[string]side.Request{
		"TypeError":      {Do: "ask", Vectors: square},
		"AttributeError": {Do: "nothing"},
		"IndexError":     {Do: "forget", IDs: []int32{7}},
	} {
		if _, err := x.Do(t.Context(), q); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", q.Do, err, want)
		}
	}
	if a, err := x.Ask(t.Context(), []float32{0, 1}, 1); err != nil || !slices.Equal(a.IDs, []int32{0}) {
		t.Errorf("after the errors: %+v, %v", a, err)
	}
}

// A module that cannot be imported is an error that quotes Python, and no process is left.
func TestPythonDoesNotStart(t *testing.T) {
	e := toy(side.Python("numpy", []byte("import nothing_of_that_name")))
	if err := e.Missing(); err != nil {
		t.Skip(err)
	}
	parent := t.TempDir()
	t.Setenv("TMPDIR", parent)
	_, err := e.Build(t.Context(), square, engine.Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "Scan: ") || !strings.Contains(err.Error(), "nothing_of_that_name") {
		t.Error(err)
	}
	sidetest.Empty(t, parent)
	if err := toy(side.Python("no-such-wheel", nil)).Missing(); err == nil || !strings.Contains(err.Error(), "no_such_wheel-*.dist-info") {
		t.Error(err)
	}
}
