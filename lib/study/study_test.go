package study

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/internal/testkit"
)

// vectors writes n × 16 random numbers with a fixed seed to a file and returns its path.
func vectors(t testing.TB, n int) string {
	t.Helper()
	return vectorsChanged(t, n, func(ann.Vectors) {})
}

// vectorsChanged is like vectors, but calls change before writing the file.
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

// stopAfterPart is a context that is cancelled by the first call of Err after a study has stored a part: while it builds the
// next graph.
type stopAfterPart struct {
	context.Context
	cancel context.CancelFunc
	out    string
}

func newStopAfterPart(t *testing.T, out string) *stopAfterPart {
	ctx, cancel := context.WithCancel(t.Context())
	return &stopAfterPart{ctx, cancel, out}
}

func (c *stopAfterPart) Err() error {
	if parts, _ := filepath.Glob(filepath.Join(c.out, "parts", "*", "*.csv")); len(parts) > 0 {
		c.cancel()
	}
	return c.Context.Err()
}

// The bytes of the records depend neither on GOMAXPROCS nor on an interruption.
func TestSameBytesForEveryGOMAXPROCSAndAfterAnInterruption(t *testing.T) {
	path := vectors(t, 700)
	whole := Options{Embeddings: path, Out: t.TempDir(), Runs: 2, Subset: 600}
	if _, err := Run(context.Background(), whole); err != nil {
		t.Fatal(err)
	}
	cut := whole
	cut.Out = t.TempDir()
	if _, err := Run(newStopAfterPart(t, cut.Out), cut); !errors.Is(err, context.Canceled) {
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
		t.Errorf("the stored condition was computed again")
	}
	if !bytes.Equal(recordsOf(t, whole.Out), recordsOf(t, cut.Out)) {
		t.Error("the records of a stopped and resumed study differ")
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

// Run 0 on real embeddings gives the overlaps of FAISS 1.15 on the same points with efConstruction 200 and efSearch 50
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
