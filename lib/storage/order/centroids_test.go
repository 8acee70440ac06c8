package order

import (
	"slices"
	"testing"

	"anncapacity/lib/ann"
)

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
