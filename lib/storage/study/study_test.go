package study

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/table"
	"anncapacity/lib/storage"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/stop"
)

const dimensions = 8

// clustered returns n vectors near one of 20 points, which do not depend on the seed.
func clustered(n int, seed uint64) ann.Coordinates {
	centers := rand.New(rand.NewPCG(9, 9))
	var points [20 * dimensions]float64
	for i := range points {
		points[i] = 60 + 130*centers.Float64()
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	c := ann.Coordinates{N: n, D: dimensions}
	for range n {
		p := rng.IntN(20)
		for j := range dimensions {
			c.Bytes = append(c.Bytes, uint8(max(0, min(255, points[p*dimensions+j]+15*rng.NormFloat64()))))
		}
	}
	return c
}

// small returns a study of a network, with a plan that takes seconds.
func small(t *testing.T) Options {
	return Options{
		Data: "made", Base: clustered(800, 1), Learn: clustered(300, 2), Queries: clustered(40, 3), LearnSource: "made", Out: t.TempDir(),
		Plan: Plan{
			Table: RowsFile, Seeds: []uint64{1}, Queries: 30, Learn: 200,
			Networks: []Network{{Base: 700, Units: 8, Seeds: 1, Learns: []Learn{{N: 150, Rounds: 2, Epochs: 1, Best: true}}}},
		},
	}
}

// run runs a study and returns its rows.
func run(t *testing.T, o Options) []Row {
	t.Helper()
	rows, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// storedParts returns the parts of a study by their names.
func storedParts(t *testing.T, o Options) map[string]fs.FileInfo {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(o.Out, "parts", "storage"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]fs.FileInfo{}
	for _, e := range entries {
		if e.IsDir() {
			continue // checkpoints
		}
		if all[e.Name()], err = e.Info(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// A study writes its rows, resumes from its parts, and gives the same bytes on one core.
func TestRun(t *testing.T) {
	o := small(t)
	rows := run(t, o)
	checkRows(t, o, rows)
	if read, err := table.ReadRows[Row](filepath.Join(o.Out, RowsFile)); err != nil || !slices.Equal(read, rows) {
		t.Errorf("%d rows in the file, %d returned (%v)", len(read), len(rows), err)
	}
	want, err := os.ReadFile(filepath.Join(o.Out, RowsFile))
	if err != nil {
		t.Fatal(err)
	}
	before := storedParts(t, o)
	for name := range before {
		if strings.HasPrefix(name, "clusters") {
			if err := os.Remove(filepath.Join(o.Out, "parts", "storage", name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if again := run(t, o); !slices.Equal(again, rows) {
		t.Error("other rows without one of the parts")
	}
	for name, info := range storedParts(t, o) {
		old, known := before[name]
		if same := known && os.SameFile(old, info) && old.ModTime().Equal(info.ModTime()); same == strings.HasPrefix(name, "clusters") {
			t.Errorf("%s: stored again: %t", name, !same)
		}
	}
	checkDamage(t, o)
	o.Out = t.TempDir()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	interrupt(t, o)
	run(t, o)
	if left, err := filepath.Glob(filepath.Join(o.Out, "parts", "storage", "*", "*")); err != nil || len(left) > 0 {
		t.Errorf("left %v (%v)", left, err)
	}
	if got, err := os.ReadFile(filepath.Join(o.Out, RowsFile)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("other rows on one core (%v)", err)
	}
}

// interrupt runs a study until the training of the best network, after the paper's, which is kept.
func interrupt(t *testing.T, o Options) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	o.Progress = writes(func(text string) {
		if strings.Contains(text, "best network on") {
			cancel()
		}
	})
	if _, err := Run(ctx, o); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	kept, err := filepath.Glob(filepath.Join(o.Out, "parts", "storage", "network-*", "round-*.rows"))
	if err != nil || len(kept) != 2 {
		t.Errorf("kept %v of two rounds (%v)", kept, err)
	}
}

// writes is a writer that passes what is written to a function.
type writes func(text string)

func (w writes) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}

// checkRows compares rows with what the plan and the layouts imply.
func checkRows(t *testing.T, o Options, rows []Row) {
	ways, tests := map[string]int{}, map[string]int{}
	for _, r := range rows {
		ways[r.Way]++
		tests[r.Test]++
		ok := r.Data == "made" && r.Base == 700 && r.Units == 8 && r.Seed == 1 && r.Copies >= 1 && r.Memory > 0 &&
			r.Vectors > 0 && r.Vectors <= r.Copies*700 && r.Read >= 1 && r.Read <= 8 && r.Reads <= r.Read &&
			r.Bytes >= r.Read*layout.PageBytes && (r.Learn == 150) == (r.Way != KMeans) && (r.Round == 0 || r.Way == PaperNetwork)
		if !ok {
			t.Fatalf("%+v", r)
		}
	}
	if len(ways) != 3 || ways[PaperNetwork] < ways[BestNetwork] || len(tests) != 3 || tests[OtherPhotographs] < tests[NearBase] {
		t.Errorf("ways %v, tests %v", ways, tests)
	}
	for i, r := range rows[1:] { // more recall never takes fewer vectors
		if p := rows[i]; p.Way == r.Way && p.Round == r.Round && p.Rule == r.Rule && p.K == r.K && p.Test == r.Test && (r.Recall <= p.Recall || r.Vectors < p.Vectors) {
			t.Errorf("%+v after %+v", r, p)
		}
	}
}

// The rows of k-means and of SPANN's closure have the same memory, and at recall 1 the cost of a sweep over their layouts.
func TestCentroids(t *testing.T) {
	o := small(t)
	s, err := open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.centroids(700, 2, 5).run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	balanced, err := s.way("balanced", 700, 2, 5).run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	copies := map[string]float64{}
	for _, r := range append(rows, balanced...) {
		copies[r.Way] = max(copies[r.Way], r.Copies)
		if r.Memory > 2 || r.Memory < 1.7 || r.Budget != 2 || r.Base != 700 || r.Units != 38 {
			t.Fatalf("%+v", r)
		}
	}
	if copies[KMeans] != 1 || copies["balanced"] != 1 || copies[Closure] <= 1 {
		t.Errorf("copies %v", copies)
	}
	if got := slices.DeleteFunc(rows, func(r Row) bool {
		return r.K != 10 || r.Rule != stop.Settled.Key || r.Recall != .9 || r.Test != OtherPhotographs
	}); len(got) != 2 {
		t.Errorf("%d rows of ten neighbours at recall .9", len(got))
	}
}

// The quick plan runs on a small base.
func TestQuickPlan(t *testing.T) {
	for _, way := range []string{"pages", "sketch"} {
		if _, err := storage.WayOf(way); err != nil {
			t.Skip(err)
		}
	}
	o := small(t)
	var err error
	if o.Plan, err = PlanOf("quick", o.Base.N, o.Learn.N); err != nil {
		t.Fatal(err)
	}
	o.Plan.Seeds, o.Plan.Networks = o.Plan.Seeds[:1], nil // TestRun trains networks
	ways := map[string]bool{}
	for _, r := range run(t, o) {
		ways[r.Way] = true
	}
	if len(ways) != 5 {
		t.Errorf("ways %v", ways)
	}
}

// A study replaces its own rows in the table, and keeps those of other data, numbers of base vectors and learn queries.
func TestRowsOfOtherStudiesStay(t *testing.T) {
	o := Options{Data: "made", LearnSource: "made"}
	path := filepath.Join(t.TempDir(), RowsFile)
	own := []Row{{Data: "made", Way: "kmeans", Base: 700, K: 1}, {Data: "made", Way: PaperNetwork, Base: 700, Learn: 9, Source: "made"}}
	other := []Row{{Data: "made", Way: "kmeans", Base: 800}, {Data: "real", Way: "kmeans", Base: 700},
		{Data: "made", Way: PaperNetwork, Base: 700, Learn: 9, Source: "elsewhere"}}
	if err := table.WriteRows(path, slices.Concat(own, other)); err != nil {
		t.Fatal(err)
	}
	own[0].K = 10
	if err := store(path, o, own); err != nil {
		t.Fatal(err)
	}
	if got, err := table.ReadRows[Row](path); err != nil || !slices.Equal(got, slices.Concat(other, own)) {
		t.Errorf("the table holds %v (%v)", got, err)
	}
}
