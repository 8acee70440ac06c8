package study

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/numpy"
	"anncapacity/lib/internal/table"
)

// The records of a run equal the means over separate searches with lib/hnsw on the run's sample.
func TestRecordsAreWhatSearchesGive(t *testing.T) {
	path := vectors(t, 800)
	records, err := Run(context.Background(), Options{Embeddings: path, Out: t.TempDir(), Runs: 2, Subset: 600, Conditions: []string{"1"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2*4*50 {
		t.Fatalf("%d records", len(records))
	}
	s := newSearchedSample(t, path)
	checked := 0
	for _, r := range records {
		if r.Run != 1 || r.K%100 != 0 && r.K != 10 {
			continue
		}
		overlap, fill, empty := s.means(t, r.EfSearch, r.K)
		if math.Abs(overlap-r.Of(fidelity.Overlap.Mean)) > 1e-4 || math.Abs(fill-r.Of(fidelity.Fill.Mean)) > 1e-9 || math.Abs(empty-r.Of(fidelity.EmptyShare.Mean)) > 1e-9 {
			t.Errorf("%+v: searches give overlap %v, fill %v, empty %v", r, overlap, fill, empty)
		}
		checked++
	}
	if checked != 24 {
		t.Errorf("%d records checked", checked)
	}
}

// searchedSample is the sample of run 1 with 600 of 800 points, drawn, searched and indexed without package study.
type searchedSample struct {
	base  ann.Vectors
	truth []ann.Neighbors
	graph *hnsw.Graph
}

func newSearchedSample(t *testing.T, path string) (s searchedSample) {
	t.Helper()
	all, err := embedding.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := numpy.Choice(800, 600, 43)
	if err != nil {
		t.Fatal(err)
	}
	if s.base, err = all.Subset(rows); err != nil {
		t.Fatal(err)
	}
	if s.truth, err = exact.New(s.base).SearchAll(context.Background(), 500); err != nil {
		t.Fatal(err)
	}
	m, err := exact.AllPairs(context.Background(), s.base)
	if err != nil {
		t.Fatal(err)
	}
	if s.graph, err = hnsw.Build(context.Background(), hnsw.OnMatrix(m), hnsw.Options{Seed: 43}); err != nil {
		t.Fatal(err)
	}
	return s
}

// means searches for the neighbours of every point and returns the mean overlap, the mean fill, and the share of short answers.
func (s searchedSample) means(t *testing.T, efSearch, k int) (overlap, fill, empty float64) {
	t.Helper()
	searcher, err := hnsw.NewSearcher(s.graph, s.base, hnsw.SearchOptions{EfSearch: efSearch, Policy: hnsw.Pad})
	if err != nil {
		t.Fatal(err)
	}
	for q := range s.base.N {
		list, err := searcher.Search(ann.Point(s.base, int32(q)), k)
		if err != nil {
			t.Fatal(err)
		}
		overlap += fidelity.OverlapAt(ids(s.truth[q]), list, k) / 600
		fill += fidelity.FillAt(len(list), k) / 600
		if len(list) < k {
			empty += 1. / 600
		}
	}
	return overlap, fill, empty
}

func ids(list ann.Neighbors) []int32 {
	out := make([]int32, len(list))
	for i, n := range list {
		out[i] = n.ID
	}
	return out
}

func TestRecordsSurviveTheirFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records.csv")
	want := []Record{{Index: IndexHNSW, Run: 9, Seed: math.MaxUint64, Condition: 1, Parameter: "efSearch", Value: 0.1,
		K: 500, EfSearch: 25, Queries: 7}}
	want[0].Set(fidelity.Overlap.Mean, 1./3)
	want[0].Set(fidelity.EmptyShare.Mean, 1e-300)
	want[0].Set(fidelity.PublishedLID.Mean, 7)
	if err := WriteRecords(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadRecords(path)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if df := DataFrame(want); df.Err != nil || df.Col("overlap").Float()[0] != 1./3 || df.Col("k").Float()[0] != 500 {
		t.Errorf("data frame: %v", df)
	}
}

func TestDamagedRecordsAreNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "records.csv")
	head := strings.Join(table.Lines([]Record{})[0], ",") + "\n"
	line := table.Lines([]Record{{}})[1]
	line[8] = "much"
	for name, c := range map[string]struct{ text, says string }{
		"empty":           {"", path},
		"another version": {"index,run\nhnsw,0\n", "columns"},
		"not a number":    {head + strings.Join(line, ",") + "\n", "line 2: column overlap"},
		"truncated":       {head + "hnsw,0,42,1,efSearch,25,10\n", path},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecords(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
