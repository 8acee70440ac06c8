package order

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/router"
)

// trained returns a network that was trained for an epoch on 200 queries of 4 numbers for 300 units, more than a search ranks first.
func trained(t *testing.T) *router.Network {
	t.Helper()
	rng := rand.New(rand.NewPCG(5, 5))
	learn := ann.Coordinates{N: 200, D: 4, Floats: make([]float32, 800)}
	for i := range learn.Floats {
		learn.Floats[i] = float32(rng.NormFloat64())
	}
	labels := router.Labels{Starts: []int32{0}}
	for i := range learn.N {
		labels.Units = append(labels.Units, int32(i*3%300))
		labels.Starts = append(labels.Starts, int32(i+1))
	}
	n, err := router.Train(context.Background(), learn, labels, router.Options{Units: 300, Hidden: 8, Epochs: 1, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Units are ranked by the probabilities of the network, a shorter ranking begins a longer one, and what remains is the probability of
// the other units. A network that was written and read ranks the same.
func TestNetwork(t *testing.T) {
	n := trained(t)
	o := NewNetwork(n)
	data, err := o.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadNetwork(data)
	if err != nil {
		t.Fatal(err)
	}
	query := []float32{.5, -1, 2, 0}
	p := slices.Clone(n.Logits(query, new(router.Scratch)))
	router.Probabilities(p)
	var whole, short, again Ranking
	o.Rank(query, 300, &whole)
	o.Rank(query, 20, &short)
	read.Rank(query, 300, &again)
	if !slices.Equal(short.Units, whole.Units[:20]) || !slices.Equal(again.Units, whole.Units) || !slices.Equal(again.Mass, whole.Mass) {
		t.Errorf("%v and %v do not begin %v", short.Units, again.Units, whole.Units)
	}
	sum := 0.
	for i, u := range whole.Units {
		if whole.Mass[i] != p[u] || i > 0 && whole.Mass[i] > whole.Mass[i-1] {
			t.Fatalf("unit %d, ranked %d, has mass %v, probability %v", u, i, whole.Mass[i], p[u])
		}
		sum += float64(p[u])
		if got := o.Remaining(7, i+1, &whole); math.Abs(got-(1-sum)) > 1e-6 || got < 0 {
			t.Fatalf("after %d units %v remains, want %v", i+1, got, 1-sum)
		}
	}
	if math.Abs(sum-1) > 1e-5 || o.MemoryBytes() != n.MemoryBytes() || read.MemoryBytes() != o.MemoryBytes() {
		t.Errorf("probabilities sum to %v; %d bytes", sum, o.MemoryBytes())
	}
	for cut := 0; cut < len(data); cut += 7 {
		if _, err := ReadNetwork(data[:cut]); err == nil {
			t.Fatalf("no error for the first %d of %d bytes", cut, len(data))
		}
	}
}
