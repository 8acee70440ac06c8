package command

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
)

// groupFunc is the type of exact.Index.Group.
type groupFunc = func(from, n int, compute func() ([]ann.Neighbors, error)) ([]ann.Neighbors, error)

var errKilled = errors.New("killed")

// counted counts the groups that are computed, and stops before the given one.
func (g groups) counted(computed *int, stop int) groupFunc {
	return func(from, n int, compute func() ([]ann.Neighbors, error)) ([]ann.Neighbors, error) {
		return g.get(from, n, func() ([]ann.Neighbors, error) {
			if *computed++; *computed == stop {
				return nil, errKilled
			}
			return compute()
		})
	}
}

// A search that stops in its second group computes only the others when it is repeated, and gives the lists of one that did not
// stop. A damaged group is named. The groups of other vectors are not used.
func TestExactResumes(t *testing.T) {
	base := ann.Vectors{N: 2300, D: 3, Data: make([]float32, 6900)}
	for i := range base.Data {
		base.Data[i] = float32(i * i % 9973)
	}
	out := filepath.Join(t.TempDir(), "t.ivecs")
	g := newGroups(out, base, ann.Vectors{}, 5, ann.Euclidean)
	search := func(group groupFunc) ([]ann.Neighbors, error) {
		x := exact.New(base)
		x.MaxMemory, x.Group = 7<<20, group
		return x.SearchAll(context.Background(), 5)
	}
	want, err := search(nil)
	if err != nil {
		t.Fatal(err)
	}
	computed := 0
	if _, err := search(g.counted(&computed, 2)); !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	if got, err := search(g.counted(&computed, -1)); err != nil || !reflect.DeepEqual(got, want) || computed != 4 {
		t.Errorf("%d groups were computed, %v", computed, err)
	}
	stored, _ := filepath.Glob(filepath.Join(out+".parts", "*"))
	if len(stored) != 3 {
		t.Fatalf("stored: %v", stored)
	}
	if other := newGroups(out, base, ann.Vectors{}, 6, ann.Euclidean); other.key == g.key {
		t.Error("k does not change the key")
	}
	content, _ := os.ReadFile(stored[1])
	os.WriteFile(stored[1], append(content[:len(content)-40], content[len(content)-39:]...), 0o644)
	if _, err := search(g.counted(&computed, -1)); err == nil || !strings.Contains(err.Error(), stored[1]) {
		t.Errorf("a damaged group: %v", err)
	}
	if err := g.remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(out + ".parts"); err == nil {
		t.Error("the folder of the groups is left")
	}
}

// The command leaves no groups behind.
func TestExactRemovesItsGroups(t *testing.T) {
	dir := t.TempDir()
	base := ann.Vectors{N: 2300, D: 2, Data: make([]float32, 4600)}
	for i := range base.Data {
		base.Data[i] = float32(i * i % 997)
	}
	in, out := filepath.Join(dir, "in.npy"), filepath.Join(dir, "out", "t.ivecs")
	if err := embedding.Write(in, base, make([]embedding.Row, base.N)); err != nil {
		t.Fatal(err)
	}
	if err := exactCommand(context.Background(), []string{"-embeddings", in, "-out", out, "-k", "3", "-memory", "0.0065"}); err != nil {
		t.Fatal(err)
	}
	files, _ := os.ReadDir(filepath.Dir(out))
	if len(files) != 2 {
		t.Errorf("files: %v", files)
	}
}

// A forecast counts only what this run has computed, and is made once.
func TestForecast(t *testing.T) {
	var w strings.Builder
	f := forecast{w: &w, started: time.Now(), forecasts: func(float64) {}}
	f.report(.5) // stored before
	f.started = f.started.Add(-100 * time.Second)
	f.report(.501)
	f.report(.6)
	if got := w.String(); strings.Count(got, "forecast") != 1 || !strings.Contains(got, "13h53m20s in total") {
		t.Errorf("%q", got) // 100 s for 0.001, so that all takes 1,000 times as long
	}
}
