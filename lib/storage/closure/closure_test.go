package closure

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/partition"
)

// clusters returns n × d vectors of uint8 and the centroids of their clusters.
func clusters(t *testing.T, n, d, count int) (ann.Coordinates, ann.Vectors) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	base := ann.Coordinates{N: n, D: d, Bytes: make([]uint8, n*d)}
	for i := range base.Bytes {
		base.Bytes[i] = uint8(max(0, min(255, 128+40*rng.NormFloat64())))
	}
	r, err := partition.KMeans(context.Background(), base, partition.Options{Clusters: count, Iterations: 5})
	if err != nil {
		t.Fatal(err)
	}
	return base, r.Centroids
}

// distance returns the squared L2 distance in double precision.
func distance(a, b []float32) (sum float64) {
	for i := range a {
		sum += math.Pow(float64(a[i])-float64(b[i]), 2)
	}
	return sum
}

// chosen returns the clusters of x by the definition, from the distances of all centroids.
func chosen(x []float32, centroids ann.Vectors, epsilon, factor float64, replicas int) (in []int32) {
	order, at := make([]int32, centroids.N), make([]float64, centroids.N)
	for c := range order {
		order[c], at[c] = int32(c), distance(x, centroids.Row(c))
	}
	slices.SortStableFunc(order, func(a, b int32) int { return cmp.Compare(at[a], at[b]) })
	for _, c := range order {
		admitted := len(in) < replicas && math.Sqrt(at[c]) <= (1+epsilon)*math.Sqrt(at[order[0]])
		for _, b := range in {
			admitted = admitted && factor*distance(centroids.Row(int(b)), centroids.Row(int(c))) >= at[c]
		}
		if admitted {
			in = append(in, c)
		}
	}
	slices.Sort(in)
	return in
}

// Every vector is in exactly the clusters that the definition names.
func TestDefinition(t *testing.T) {
	base, centroids := clusters(t, 1000, 12, 40)
	copy(centroids.Row(7), centroids.Row(3)) // a tie
	for _, o := range []Options{
		{}, {Epsilon: .3}, {Epsilon: .3, Replicas: 2}, {Replicas: 1},
		{Epsilon: math.Inf(1)}, {Epsilon: .5, RNGFactor: 2}, {Epsilon: .5, RNGFactor: .8},
	} {
		l, err := Assign(context.Background(), base, centroids, o)
		if err == nil {
			err = l.Check(base.N)
		}
		if err != nil {
			t.Fatal(err)
		}
		filled, err := o.withDefaults(centroids.N)
		if err != nil {
			t.Fatal(err)
		}
		holders, row := l.Holders(base.N), make([]float32, base.D)
		for i := range base.N {
			want := chosen(base.Row(i, row), centroids, filled.Epsilon, filled.RNGFactor, filled.Replicas)
			if !slices.Equal(holders.Unit(i), want) {
				t.Fatalf("%+v: vector %d is in the clusters %v, want %v", filled, i, holders.Unit(i), want)
			}
		}
		if copies := len(l.IDs); (copies > base.N) == (o.Replicas == 1) {
			t.Errorf("%+v: %d copies of %d vectors", filled, copies, base.N)
		}
	}
}

// The rule of the relative neighbourhood graph, by hand: of two centroids on the same side of the vector only the nearer is
// chosen; one on the other side is chosen too.
func TestRule(t *testing.T) {
	base := ann.Vectors{N: 1, D: 2, Data: []float32{0, 0}}.Coordinates()
	centroids := ann.Vectors{N: 4, D: 2, Data: []float32{10, 0, 10.5, 1, -10.4, 0, 0, 11.5}}
	for _, c := range []struct {
		o    Options
		want []int32 // sizes of the four clusters
	}{
		{Options{}, []int32{1, 0, 1, 0}},
		{Options{Epsilon: .2}, []int32{1, 0, 1, 1}},
		{Options{Epsilon: .2, Replicas: 2}, []int32{1, 0, 1, 0}},
		{Options{Epsilon: .2, RNGFactor: 100}, []int32{1, 1, 1, 1}},
		{Options{Epsilon: .2, Candidates: 1}, []int32{1, 0, 0, 0}},
		{Options{Replicas: 1}, []int32{1, 0, 0, 0}},
	} {
		l, err := Assign(context.Background(), base, centroids, c.o)
		if err != nil {
			t.Fatal(err)
		}
		for u, want := range c.want {
			if l.Size(u) != int(want) {
				t.Errorf("%+v: cluster %d has %d vectors, want %d", c.o, u, l.Size(u), want)
			}
		}
	}
}

// A limit drops the farthest copies of clusters that exceed it, but no vector's last copy, and nothing else.
func TestPostingLimit(t *testing.T) {
	base, centroids := clusters(t, 4000, 10, 50)
	o := Options{Epsilon: .4}
	free, err := Assign(context.Background(), base, centroids, o)
	if err != nil {
		t.Fatal(err)
	}
	o.PostingLimit = 100
	cut, err := Assign(context.Background(), base, centroids, o)
	if err == nil {
		err = cut.Check(base.N)
	}
	if err != nil {
		t.Fatal(err)
	}
	holders, row, over := cut.Holders(base.N), make([]float32, base.D), 0
	at := func(id int32, u int) float64 { return distance(base.Row(int(id), row), centroids.Row(u)) }
	for u := range cut.Units() {
		if free.Size(u) <= o.PostingLimit {
			if !slices.Equal(cut.Unit(u), free.Unit(u)) {
				t.Errorf("cluster %d within the limit lost a copy", u)
			}
			continue
		}
		over++
		nearest := math.Inf(1) // of the dropped copies
		for _, id := range free.Unit(u) {
			if !slices.Contains(cut.Unit(u), id) {
				nearest = min(nearest, at(id, u))
			}
		}
		for _, id := range cut.Unit(u) {
			if len(holders.Unit(int(id))) > 1 && (cut.Size(u) > o.PostingLimit || at(id, u) > nearest) {
				t.Errorf("cluster %d of %d vectors keeps a copy of vector %d, which has another, at %v; dropped at %v",
					u, cut.Size(u), id, at(id, u), nearest)
			}
		}
		if cut.Size(u) < o.PostingLimit {
			t.Errorf("cluster %d has %d vectors, below the limit", u, cut.Size(u))
		}
	}
	if over == 0 || largest(cut) >= largest(free) {
		t.Errorf("%d clusters above the limit, the largest with %d vectors before and %d after", over, largest(free), largest(cut))
	}
}

func largest(l layout.Layout) (size int) {
	for u := range l.Units() {
		size = max(size, l.Size(u))
	}
	return size
}

// A vector that is dropped elsewhere later keeps its last copy, whatever the limit.
func TestLastCopiesStay(t *testing.T) {
	base, centroids := clusters(t, 500, 4, 10)
	l, err := Assign(context.Background(), base, centroids, Options{Epsilon: 1, PostingLimit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Check(base.N); err != nil || len(l.IDs) != base.N {
		t.Errorf("%d copies of %d vectors, %v", len(l.IDs), base.N, err)
	}
}

func TestSameOnOneCore(t *testing.T) {
	base, centroids := clusters(t, 2000, 8, 30)
	o := Options{Epsilon: .2, PostingLimit: 90}
	many, err := Assign(context.Background(), base, centroids, o)
	if err != nil {
		t.Fatal(err)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if one, err := Assign(context.Background(), base, centroids, o); err != nil || !reflect.DeepEqual(one, many) {
		t.Errorf("%d copies on one core, %d on several, %v", len(one.IDs), len(many.IDs), err)
	}
}

func TestErrors(t *testing.T) {
	base, centroids := clusters(t, 100, 4, 5)
	for word, o := range map[string]Options{
		"Epsilon -1": {Epsilon: -1}, "Epsilon NaN": {Epsilon: math.NaN()}, "RNGFactor -2": {RNGFactor: -2}, "Replicas -1": {Replicas: -1},
		"Candidates -3": {Candidates: -3}, "PostingLimit -4": {PostingLimit: -4},
	} {
		_, err := Assign(context.Background(), base, centroids, o)
		testkit.WantMentions(t, word, err, word)
	}
	_, err := Assign(context.Background(), base, ann.Vectors{N: 1, D: 3, Data: make([]float32, 3)}, Options{})
	testkit.WantMentions(t, "dimensions", err, "4 dimensions", "3")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Assign(ctx, base, centroids, Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
