package order

import (
	"math/rand/v2"
	"slices"
	"testing"

	"anncapacity/lib/ann"
)

func TestSmallest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for range 2000 {
		keys := make([]uint64, 1+rng.IntN(40))
		for i, x := range rng.Perm(len(keys)) {
			keys[i] = uint64(x)
		}
		n := rng.IntN(len(keys) + 1)
		smallest(keys, n)
		slices.Sort(keys[:n])
		for i, x := range keys[:n] {
			if x != uint64(i) {
				t.Fatalf("the %d smallest of %d: %v", n, len(keys), keys[:n])
			}
		}
	}
}

func TestCentroidsRankByDistance(t *testing.T) {
	o := NewCentroids(ann.Vectors{N: 4, D: 2, Data: []float32{0, 0, 5, 5, 1, 0, -1, 0}})
	var r Ranking
	o.Rank([]float32{0, 0}, 3, &r)
	if want := []int32{0, 2, 3}; !slices.Equal(r.Units, want) {
		t.Errorf("units %v, want %v: the nearest first, ties by unit", r.Units, want)
	}
	data, err := o.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	read, err := ReadCentroids(data)
	if err != nil {
		t.Fatal(err)
	}
	var again Ranking
	read.Rank([]float32{0, 0}, 3, &again)
	if !slices.Equal(again.Units, r.Units) || read.MemoryBytes() != 32 {
		t.Errorf("read: units %v of %d bytes", again.Units, read.MemoryBytes())
	}
	for cut := range data {
		if _, err := ReadCentroids(data[:cut]); err == nil {
			t.Errorf("no error for the first %d of %d bytes", cut, len(data))
		}
	}
}
