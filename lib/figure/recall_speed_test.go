package figure

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/plot/plotter"

	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
)

// The project's index has one line, although there are several policies. NaN is not drawn.
func TestRecallSpeedHoldsTheSweep(t *testing.T) {
	r := comparison()
	for _, policy := range []string{"Pad", "Raise"} {
		r.Engines = append(r.Engines, compare.Row{Engine: "anncapacity HNSW " + policy, Family: "anncapacity", Policy: engine.Pads, Color: "#000000", Observed: engine.Pads})
		for _, ef := range []int{100, 200} {
			r.Records = append(r.Records, compare.Record{Engine: "anncapacity HNSW " + policy, K: 100, EfSearch: ef, Overlap: .9, BatchPerSecond: 100})
		}
	}
	f, err := RecallSpeed(r, photographs)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	for _, row := range f.table[1:] {
		found[row[1]]++
		if row[0] != "100" || row[4] == "NaN" {
			t.Errorf("line %v", row)
		}
	}
	for name, want := range map[string]int{"FAISS Flat": 1, "FAISS HNSW": 4, "Milvus HNSW": 3, "anncapacity HNSW Pad": 2, "anncapacity HNSW Raise": 0} {
		if found[name] != want {
			t.Errorf("%s: %d, want %d", name, found[name], want)
		}
	}
}

// A setting is not drawn if another one of the same engine is better in recall and in speed.
func TestFrontier(t *testing.T) {
	l := engineLine{records: []compare.Record{
		{EfSearch: 10, Overlap: .5, BatchPerSecond: 100}, {EfSearch: 20, Overlap: .4, BatchPerSecond: 90}, {EfSearch: 50, Overlap: .9, BatchPerSecond: 10},
		{EfSearch: 100, Overlap: .9, BatchPerSecond: 20}, {EfSearch: 200, Overlap: 1, BatchPerSecond: 1}, {EfSearch: 400, Overlap: 1, BatchPerSecond: 1},
	}}
	want := plotter.XYs{{X: nines(.5), Y: 2}, {X: nines(.9), Y: math.Log10(20)}, {X: nines(1), Y: 0}}
	if got := l.frontier(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if math.Abs(nines(1)-4) > 1e-9 || math.Abs(nines(.99)-2) > .01 || math.Abs(nines(0)) > 1e-3 {
		t.Errorf("%v %v %v", nines(1), nines(.99), nines(0))
	}
}
