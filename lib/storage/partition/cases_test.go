package partition

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// An empty cluster takes over the farthest vector that is not alone in its cluster, and equal vectors only once.
func TestRefill(t *testing.T) {
	train := ann.Coordinates{N: 7, D: 1, Floats: []float32{0, 1, 9, 9, 5, 50, 0}}
	tr := trainer{Options: Options{Clusters: 4}, train: train, assignment: []int32{0, 0, 0, 0, 0, 2, 0},
		centroids: ann.Vectors{N: 4, D: 1, Data: []float32{0, 100, 40, 100}}}
	// Vector 5 is at distance 10 and alone; 2 and 3 are at distance 9 and equal; 4 is at distance 5.
	if refilled, want := tr.refill(), []int32{0, 0, 1, 0, 3, 2, 0}; !refilled || !slices.Equal(tr.assignment, want) {
		t.Errorf("refilled %v: %v, want %v", refilled, tr.assignment, want)
	}
	if tr.refill() {
		t.Error("refilled although no cluster is empty")
	}
}

// First centroids that attract no vector move into the data: in the end every cluster has vectors.
func TestEmptyClustersAreRefilled(t *testing.T) {
	train := made(600, 4, normal)
	a, err := newAssigner(train, 12)
	if err != nil {
		t.Fatal(err)
	}
	defer a.release()
	tr := trainer{Options: Options{Clusters: 12, Iterations: 8}, assigner: a, train: train, base: train}
	far := ann.Vectors{N: 12, D: 4, Data: make([]float32, 48)}
	for i := range far.Data[4:] {
		far.Data[4+i] = 1000 + float32(i)
	}
	if err := tr.iterate(context.Background(), far); err != nil {
		t.Fatal(err)
	}
	for c := range 12 {
		if !slices.Contains(tr.assignment, int32(c)) {
			t.Errorf("cluster %d is empty", c)
		}
	}
	checkDescends(t, tr.trace)
}

// With fewer different vectors than clusters training ends at once, every vector equals its centroid, and the other clusters are
// empty.
func TestDuplicates(t *testing.T) {
	for _, different := range []int{1, 3} {
		base := ann.Coordinates{N: 3000, D: 4, Bytes: make([]uint8, 12000)}
		for i := range base.Bytes {
			base.Bytes[i] = uint8(50 * (i / 4 % different))
		}
		r, err := KMeans(context.Background(), base, Options{Clusters: 10, Iterations: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if r.Inertia != 0 || len(r.Trace) > 2 || int(slices.Max(r.Assignment)) != different-1 {
			t.Errorf("%d different vectors: inertia %v, %d iterations, %d clusters with vectors",
				different, r.Inertia, len(r.Trace), slices.Max(r.Assignment)+1)
		}
		if l := r.Layout(); l.Units() != 10 || l.Size(9) != 0 || l.Check(base.N) != nil {
			t.Errorf("%d units, %v", l.Units(), l.Check(base.N))
		}
	}
}

// As many clusters as different vectors hold one vector each.
func TestOneVectorPerCluster(t *testing.T) {
	base := made(64, 3, normal)
	r, err := KMeans(context.Background(), base, Options{Clusters: 64})
	if err != nil || r.Inertia != 0 {
		t.Fatalf("inertia %v, %v", r.Inertia, err)
	}
	if one, err := KMeans(context.Background(), base, Options{Clusters: 1}); err != nil || one.Inertia == 0 || len(one.Trace) != 2 {
		t.Errorf("one cluster: inertia %v, %d iterations, %v", one.Inertia, len(one.Trace), err)
	}
}

func TestErrors(t *testing.T) {
	base, ctx := made(10, 2, normal), context.Background()
	nan, huge := made(10, 2, normal), made(10, 2, normal)
	nan.Floats[7], huge.Floats[7] = float32(math.NaN()), 1e30
	for what, c := range map[string]struct {
		base  ann.Coordinates
		o     Options
		words []string
	}{
		"no clusters":        {base, Options{}, []string{"Clusters 0"}},
		"too many clusters":  {base, Options{Clusters: 11}, []string{"Clusters 11", "10"}},
		"negative iteration": {base, Options{Clusters: 2, Iterations: -1}, []string{"Iterations -1"}},
		"negative sample":    {base, Options{Clusters: 2, Sample: -1}, []string{"Sample -1"}},
		"NaN":                {nan, Options{Clusters: 2}, []string{"base", "row 3", "NaN"}},
		"overflow":           {huge, Options{Clusters: 2}, []string{"base", "row 3", "overflow"}},
	} {
		_, err := KMeans(ctx, c.base, c.o)
		testkit.WantMentions(t, what, err, c.words...)
		_, err = Balanced(ctx, c.base, BalancedOptions{Options: c.o})
		testkit.WantMentions(t, what+", balanced", err, c.words...)
	}
	for _, o := range []BalancedOptions{{MaxSize: 4}, {MaxSize: -1}, {Rounds: -1}} {
		o.Clusters = 2
		_, err := Balanced(ctx, base, o)
		testkit.WantMentions(t, "bound", err, "2 clusters", "10 vectors")
	}
	_, err := Assign(ctx, base, ann.Vectors{N: 2, D: 3, Data: make([]float32, 6)}, 1)
	testkit.WantMentions(t, "dimensions", err, "2 dimensions", "3")
	_, err = Assign(ctx, base, ann.Vectors{N: 2, D: 2, Data: make([]float32, 4)}, 3)
	testkit.WantMentions(t, "k", err, "k = 3 of 2")
	_, err = Assign(ctx, nan, ann.Vectors{N: 2, D: 2, Data: make([]float32, 4)}, 1)
	testkit.WantMentions(t, "NaN", err, "row 3", "NaN")
}

// A cancelled context ends the work with its error, and progress ascends to 1.
func TestCancelAndProgress(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var shares []float64
	o := Options{Clusters: 5, Iterations: 3, Progress: func(share float64) { shares = append(shares, share) }}
	base := made(500, 3, normal)
	if _, err := Balanced(ctx, base, BalancedOptions{Options: o, Rounds: 2}); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(shares) || len(shares) < 5 || shares[len(shares)-1] != 1 {
		t.Errorf("progress %v", shares)
	}
	cancel()
	if _, err := KMeans(ctx, base, o); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
