package trees

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine/enginetest"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/testkit"
)

func TestEngines(t *testing.T) {
	exactly := map[ann.Metric]float64{ann.Euclidean: 1, ann.Cosine: 1}
	want := []enginetest.Want{
		{Recall: exactly},
		{Recall: exactly, Repeats: true},
		{Recall: map[ann.Metric]float64{ann.Euclidean: .5, ann.Cosine: .5}, Beyond: enginetest.Short},
	}
	for i, e := range Engines() {
		t.Run(e.Name, func(t *testing.T) { enginetest.Run(t, e, want[i]) })
	}
}

func TestVersionIsTheOnePinned(t *testing.T) {
	pins, err := os.ReadFile(filepath.Join(testkit.Root(t), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(pins), "gonum.org/v1/gonum "+Version+"\n") {
		t.Errorf("go.mod does not pin gonum %s", Version)
	}
}

// Every tree returns the neighbours of lib/exact, in low and in high dimension, and so does the best-first search without a
// limit of leaves, which visits no more points than gonum's depth-first search.
func TestAnswersAsExactSearch(t *testing.T) {
	for _, d := range []int{1, 2, 3, 10, 40} {
		base, queries := enginetest.Gaussian(1500, d, 1), enginetest.Gaussian(60, d, 2)
		truth, err := exact.New(base).SearchBatch(t.Context(), queries, 20)
		if err != nil {
			t.Fatal(err)
		}
		kd := NewKD(base)
		vp, err := NewVP(base, 1)
		if err != nil {
			t.Fatal(err)
		}
		visited := [3]int{}
		for q, want := range truth {
			deep, best := kd.Nearest(queries.Row(q), 20), kd.BestFirst(queries.Row(q), 20, math.MaxInt)
			for i, found := range []Found{deep, best, vp.Nearest(queries.Row(q), 20)} {
				same(t, base, queries.Row(q), found, want)
				visited[i] += found.Visited
			}
			if best.Visited > deep.Visited {
				t.Errorf("d %d, query %d: %d points best first, %d depth first", d, q, best.Visited, deep.Visited)
			}
		}
		t.Logf("d %2d: of 1500 points the k-d tree visits %d, best first %d, the vantage-point tree %d", d, visited[0]/60, visited[1]/60, visited[2]/60)
		if d == 2 && slices.Max(visited[:]) > 1500*60/4 {
			t.Errorf("in 2 dimensions: %v visits", visited)
		}
	}
}

func same(t *testing.T, base ann.Vectors, query []float32, found Found, want ann.Neighbors) {
	t.Helper()
	if len(found.IDs) != len(want) {
		t.Fatalf("%d answers of %d", len(found.IDs), len(want))
	}
	for i, id := range found.IDs {
		if d := ann.L2(query, base.Row(int(id))); id != want[i].ID && math.Abs(float64(d-want[i].Distance)) > 1e-5*float64(d) {
			t.Fatalf("rank %d: %d at %v, exact search %v", i, id, d, want[i])
		}
	}
}

// A budget of leaves bounds the number of points visited, and more leaves never lower the overlap.
func TestBudget(t *testing.T) {
	base, queries := enginetest.Gaussian(4096, 20, 3), enginetest.Gaussian(50, 20, 4)
	kd := NewKD(base)
	depth := 13 // of a balanced tree of 4,096 points
	before := 0.0
	for _, leaves := range []int{1, 10, 100, 1000, 4096} {
		overlap := 0.0
		for q := range queries.N {
			found := kd.BestFirst(queries.Row(q), 10, leaves)
			if found.Visited > leaves*depth {
				t.Fatalf("%d points in %d leaves", found.Visited, leaves)
			}
			overlap += enginetest.Overlap(found.Answer, enginetest.BruteForce(base, queries.Row(q), 10, ann.Euclidean)) / float64(queries.N)
		}
		if t.Logf("%d leaves: overlap %.3f", leaves, overlap); overlap < before {
			t.Errorf("%d leaves: overlap %.3f, fewer gave %.3f", leaves, overlap, before)
		}
		before = overlap
	}
	if before < 1-1e-9 {
		t.Errorf("all leaves: overlap %.3f", before)
	}
}

// The documented defect of gonum's vantage-point tree is present. This test fails for a release without it.
func TestVantagePointTreeLosesEqualPoints(t *testing.T) {
	base := ann.Vectors{N: 300, D: 8, Data: slices.Repeat(enginetest.Gaussian(60, 8, 5).Data, 5)}
	vp, err := NewVP(base, 1)
	if err != nil {
		t.Fatal(err)
	}
	found := vp.Nearest(base.Row(0), base.N)
	slices.Sort(found.IDs)
	distinct := len(slices.Compact(found.IDs))
	if t.Logf("%d of %d points, 60 of them different, came back", distinct, base.N); distinct == base.N {
		t.Error("every one of 300 points came back: documented as not so")
	}
}
