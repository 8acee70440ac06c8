package study

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/exact"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/numpy"
	"anncapacity/lib/internal/table"
	"anncapacity/lib/internal/testkit"
)

// vectors stores n × 16 seeded numbers as FILE.npy and returns its path.
func vectors(t testing.TB, n int) string {
	t.Helper()
	return vectorsChanged(t, n, func(ann.Vectors) {})
}

func vectorsChanged(t testing.TB, n int, change func(v ann.Vectors)) string {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	v := ann.Vectors{N: n, D: 16, Data: make([]float32, n*16)}
	for i := range v.Data {
		v.Data[i] = float32(rng.NormFloat64())
	}
	change(v)
	path := filepath.Join(t.TempDir(), "v.npy")
	if err := embedding.Write(path, v, make([]embedding.Row, n)); err != nil {
		t.Fatal(err)
	}
	return path
}

func recordsOf(t testing.TB, dir string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, RecordsFile))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The records are what separate searches with lib/hnsw give, list by list.
func TestRecordsAreWhatSearchesGive(t *testing.T) {
	path := vectors(t, 800)
	records, err := Run(context.Background(), Options{Embeddings: path, Out: t.TempDir(), Runs: 2, Subset: 600, Conditions: []string{"1"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(records) != 2*4*50 {
		t.Fatalf("%d records", len(records))
	}
	all, err := embedding.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := numpy.Choice(800, 600, 43)
	if err != nil {
		t.Fatal(err)
	}
	base, err := all.Subset(rows)
	if err != nil {
		t.Fatal(err)
	}
	truth, err := exact.New(base).SearchAll(context.Background(), 500)
	if err != nil {
		t.Fatal(err)
	}
	m, err := exact.AllPairs(context.Background(), base)
	if err != nil {
		t.Fatal(err)
	}
	g, err := hnsw.Build(context.Background(), hnsw.OnMatrix(m), hnsw.Options{Seed: 43})
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, r := range records {
		if r.Run != 1 || r.K%100 != 0 && r.K != 10 {
			continue
		}
		s, err := hnsw.NewSearcher(g, base, hnsw.SearchOptions{EfSearch: r.EfSearch, Policy: hnsw.Pad})
		if err != nil {
			t.Fatal(err)
		}
		var overlap, fill, empty float64
		for q := range base.N {
			list, err := s.Search(ann.Point(base, int32(q)), r.K)
			if err != nil {
				t.Fatal(err)
			}
			overlap += fidelity.OverlapAt(ids(truth[q]), list, r.K) / 600
			fill += fidelity.FillAt(len(list), r.K) / 600
			if len(list) < r.K {
				empty += 1. / 600
			}
		}
		if math.Abs(overlap-r.Of(fidelity.Overlap.Mean)) > 1e-4 || math.Abs(fill-r.Of(fidelity.Fill.Mean)) > 1e-9 || math.Abs(empty-r.Of(fidelity.EmptyShare.Mean)) > 1e-9 {
			t.Errorf("%+v: searches give overlap %v, fill %v, empty %v", r, overlap, fill, empty)
		}
		checked++
	}
	if checked != 24 {
		t.Errorf("%d records checked", checked)
	}
}

func ids(list ann.Neighbors) []int32 {
	out := make([]int32, len(list))
	for i, n := range list {
		out[i] = n.ID
	}
	return out
}

// countdown is a context that is cancelled when it has been asked for its error a number of times: once per point
// inserted and per query answered, so that a study stops at the same place every time.
type countdown struct {
	context.Context
	left atomic.Int64
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestSameBytesWhateverGOMAXPROCSAndAfterAnInterruption(t *testing.T) {
	path := vectors(t, 700)
	whole := Options{Embeddings: path, Out: t.TempDir(), Runs: 2, Subset: 600}
	if _, err := Run(context.Background(), whole); err != nil {
		t.Fatal(err)
	}
	ctx := &countdown{Context: context.Background()}
	ctx.left.Store(1500) // in the middle of condition 2 of the first run
	cut := whole
	cut.Out = t.TempDir()
	if _, err := Run(ctx, cut); !errors.Is(err, context.Canceled) {
		t.Fatalf("a stopped study gave %v", err)
	}
	parts, err := filepath.Glob(filepath.Join(cut.Out, "parts", "*", "*.csv"))
	if err != nil || len(parts) != 1 {
		t.Fatalf("condition 1 of run 0 should be kept, and only it: %v, %v", parts, err)
	}
	before, err := os.Stat(parts[0])
	if err != nil {
		t.Fatal(err)
	}
	old := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(old)
	if _, err := Run(context.Background(), cut); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(parts[0])
	if err != nil || !os.SameFile(before, after) || !before.ModTime().Equal(after.ModTime()) {
		t.Errorf("what was kept was computed again")
	}
	if !bytes.Equal(recordsOf(t, whole.Out), recordsOf(t, cut.Out)) {
		t.Error("the records of a stopped and resumed study differ")
	}
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

func TestBadOptions(t *testing.T) {
	path := vectors(t, 700)
	for name, c := range map[string]struct {
		o    Options
		says string
	}{
		"no file":           {Options{Embeddings: "nowhere.npy"}, "nowhere.npy"},
		"subset too large":  {Options{Embeddings: path, Subset: 701}, "holds 700 vectors"},
		"subset below k":    {Options{Embeddings: path, Subset: 500}, "too small for k = 500"},
		"negative runs":     {Options{Embeddings: path, Runs: -1}, "runs"},
		"unknown index":     {Options{Embeddings: path, Indexes: []string{"tree"}}, `"tree"`},
		"unknown condition": {Options{Embeddings: path, Conditions: []string{"7"}}, `condition "7"`},
	} {
		c.o.Out = t.TempDir()
		if _, err := Run(context.Background(), c.o); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Run 0 on real embeddings, beside what FAISS 1.15 gave on the same points with efConstruction 200 and efSearch 50
// (../shared/design/SCIENCE.md §2): .973 at k = 100 and .707 at k = 500.
func TestRunZeroIsFAISSRunZero(t *testing.T) {
	if !testkit.HasShared(t, "run 0 on photographs; TestRunIsFAISSRun checks other points", photographs) {
		return
	}
	path := testkit.Shared(t, photographs)
	records, err := Run(context.Background(), Options{Embeddings: path, Out: t.TempDir(), Runs: 1, Conditions: []string{"1"}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]float64{100: .973, 500: .707}
	for _, r := range records {
		if faiss, ok := want[r.K]; ok && r.EfSearch == 50 {
			t.Logf("k %d: overlap %.4f, FAISS %.3f", r.K, r.Of(fidelity.Overlap.Mean), faiss)
			if math.Abs(r.Of(fidelity.Overlap.Mean)-faiss) > .01 {
				t.Errorf("k %d: overlap %.4f, FAISS %.3f", r.K, r.Of(fidelity.Overlap.Mean), faiss)
			}
			delete(want, r.K)
		}
	}
	if len(want) > 0 {
		t.Errorf("no records for %v", want)
	}
}

func TestJobPaths(t *testing.T) {
	job := Job{Dataset: "/data/imagenette96", Weights: "/w/resnet50-pqf/model.safetensors", Profile: Profiles[1], Root: "/top"}
	if got, want := job.Embeddings(), filepath.FromSlash("/top/out/imagenette96-resnet50-pqf-paper/embeddings.npy"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	for weights, want := range map[string]string{"a/moco.pth.tar": "moco", "dino.pth:teacher.": "dino-teacher", "resnet/model.safetensors:encoder": "resnet-encoder"} {
		if got := (Job{Weights: weights}).WeightsName(); got != want {
			t.Errorf("weights %s are called %s, not %s", weights, got, want)
		}
	}
	if job.WeightsName() != "resnet50-pqf" || (Job{Weights: "imagenet1k_v2"}).WeightsName() != "imagenet1k_v2" {
		t.Error("names of weights")
	}
	t.Setenv("PROFILE", "large")
	if _, err := JobFromEnv(); err == nil || !strings.Contains(err.Error(), "large") {
		t.Errorf("unknown profile: %v", err)
	}
}
