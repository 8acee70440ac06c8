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
		x.MaxMemory, x.Group = 6<<20, group
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

// A forecast counts only what this run has computed, however long the stored groups took to read, and is corrected.
func TestForecast(t *testing.T) {
	var w strings.Builder
	now := time.Unix(0, 0)
	f := forecast{w: &w, started: now, forecasts: func(float64) {}, now: func() time.Time { return now }}
	after := func(seconds int) { now = now.Add(time.Duration(seconds) * time.Second) }
	for _, share := range []float64{.25, .5} { // stored before; the search reports each too
		after(20)
		f.skip(share)
		f.report(share)
	}
	after(4)
	f.report(.5005) // too early
	after(6)
	f.report(.501) // 10 s for 0.001, 4990 s for the rest
	after(10)
	f.report(.6)
	after(80)
	f.report(.7) // 100 s for 0.2, 150 s for the rest
	f.report(.8)
	got := w.String()
	if strings.Count(got, "forecast") != 2 || !strings.Contains(got, "10s, 0.1 %") || !strings.Contains(got, "1h23m20s left") ||
		!strings.Contains(got, "2m30s left") {
		t.Errorf("%q", got)
	}
}

// The groups of a search say what they read.
func TestGroupsSayWhatIsStored(t *testing.T) {
	base := ann.Vectors{N: 4, D: 1, Data: make([]float32, 4)}
	g := newGroups(filepath.Join(t.TempDir(), "t.ivecs"), base, ann.Vectors{}, 1, ann.Euclidean)
	var shares []float64
	g.skipped = func(share float64) { shares = append(shares, share) }
	for range 2 {
		for from := 0; from < 4; from += 2 {
			lists, err := g.get(from, 2, func() ([]ann.Neighbors, error) { return []ann.Neighbors{{{ID: 1}}, {{ID: 2}}}, nil })
			if err != nil || len(lists) != 2 {
				t.Fatal(lists, err)
			}
		}
	}
	if !reflect.DeepEqual(shares, []float64{.5, 1}) {
		t.Errorf("shares of the stored groups: %v", shares)
	}
}
