package study

import (
	"math"
	"slices"
	"testing"

	"anncapacity/lib/storage/stop"
)

// On a power law the interpolation is exact; outside of the rows there is none.
func TestInterpolate(t *testing.T) {
	var rows []Row
	for _, memory := range []float64{16, 1, 4} {
		rows = append(rows, Row{Memory: memory, Units: int(100 * memory), Vectors: 1000 / math.Sqrt(memory)})
	}
	for memory, want := range map[float64]float64{1: 1000, 2: 1000 / math.Sqrt2, 4: 500, 9: 1000. / 3, 16: 250, .9: 0, 17: 0} {
		got, ok := AtMemory(rows, memory)
		if ok != (want > 0) || math.Abs(got-want) > 1e-9*want {
			t.Errorf("at %v bytes: %v (%v), want %v", memory, got, ok, want)
		}
	}
	if got, ok := AtUnits(rows, 400); !ok || math.Abs(got-500) > 1e-9 {
		t.Errorf("400 units: %v (%v)", got, ok)
	}
	rows = append(rows, Row{Memory: 4.02, Vectors: 720}) // another seed
	if got, ok := AtMemory(rows, 4.01); !ok || math.Abs(got-610) > 1e-9 {
		t.Errorf("two seeds: %v (%v), want their mean", got, ok)
	}
	if _, ok := AtMemory(nil, 4); ok {
		t.Error("interpolated without rows")
	}
}

func TestSpread(t *testing.T) {
	if got, want := NewSpread([]float64{3, 1, 2}), (Spread{2, 1, 3, 3}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := NewSpread(nil); got != (Spread{}) {
		t.Errorf("%+v", got)
	}
}

// The last network is that with the most learn queries of photographs after its last round; k-means is kept.
func TestLastTrained(t *testing.T) {
	rows := []Row{
		{Way: "kmeans", Budget: 1}, {Way: "kmeans", Budget: 2},
		{Way: "network", Learn: 100, Source: "photographs", Round: 2}, {Way: "network", Learn: 200, Source: "photographs"},
		{Way: "network", Learn: 200, Source: "photographs", Round: 1}, {Way: "network", Learn: 900, Source: NearBase, Round: 2},
		{Way: "network", Base: 7, Learn: 900, Source: NearBase},
	}
	want := []Row{rows[0], rows[1], rows[4], rows[6]}
	if got := LastTrained(rows); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// A way is compared with the baseline at its own memory: 10,000/√8.2 vectors. A way with twice the memory is not compared.
func TestCompare(t *testing.T) {
	var rows []Row
	for _, memory := range []float64{4, 16} {
		for i, rule := range []stop.Rule{stop.Fixed, stop.Settled} {
			rows = append(rows, Row{Way: "kmeans", Budget: memory, Memory: memory, Rule: rule.Key, Vectors: (1 - .25*float64(i)) * 10_000 / math.Sqrt(memory)})
		}
	}
	for seed := range uint64(2) {
		rows = append(rows, Row{Way: "sketch", Seed: seed, Budget: 8, Memory: 8.2, Rule: stop.Fixed.Key, Vectors: 400 + 200*float64(seed)},
			Row{Way: "sketch", Seed: seed, Budget: 16, Memory: 16.2, Rule: stop.Fixed.Key, Vectors: 100}, Row{Way: "pages", Seed: seed, Memory: 8, Rule: stop.Bound.Key, Vectors: 600})
	}
	c, ok := Compare(rows, 8, "kmeans")
	fixed := 10_000 / math.Sqrt(8.2)
	if !ok || c.Way != "sketch" || c.Vectors != (Spread{500, 400, 600, 2}) || math.Abs(c.Fixed-fixed) > 1e-6 || math.Abs(c.Adaptive-.75*fixed) > 1e-6 || c.AdaptiveRule != "settled" ||
		math.Abs(c.Fewer-(1-500/fixed)) > 1e-9 {
		t.Errorf("%+v (%v)", c, ok)
	}
	for _, x := range []struct {
		memory   float64
		baseline string
	}{{8, "spann"}, {2, "kmeans"}, {16.2, "kmeans"}} {
		if c, ok := Compare(rows, x.memory, x.baseline); ok {
			t.Errorf("compared %+v: %+v", x, c)
		}
	}
}

// A calibrated search counts as it was calibrated; between swept settings the logarithms are interpolated.
func TestSystems(t *testing.T) {
	rows := []DiskRow{
		{Way: "pages", K: 1, Base: 9, Memory: 4, Wanted: .9, Recall: .893, Bytes: 70}, {Peer: "P", K: 1, Base: 9, Memory: 8.04, Recall: .99, Bytes: 400},
		{Peer: "P", K: 1, Base: 9, Memory: 8, Recall: .9, Bytes: 100}, {Peer: "P", K: 10, Base: 9, Memory: 8},
		{Peer: "P", K: 1, Base: 9, Memory: 8, Recall: .93, Bytes: 500}, {Peer: "P", K: 1, Base: 9, Memory: 8, Recall: .95}, // worse; unknown
		{Peer: "P", K: 1, Base: 8, Memory: 8},
	}
	all := LargestOnDisk(rows, 1)
	if len(all) != 2 || len(all[1].Rows) != 4 || all[1].Rows[0].Recall != .9 {
		t.Fatalf("%+v", all)
	}
	bytes := func(r DiskRow) float64 { return r.Bytes }
	if got, known := all[0].At(.9, bytes); !known || got != 70 {
		t.Errorf("calibrated: %v (%v)", got, known)
	}
	middle := 1 + 1e-4 - math.Sqrt(.1001*.0101) // halfway between the logarithms of the missed shares
	for recall, want := range map[float64]float64{.9: 100, middle: 200, .99: 400, .8: 100, .995: 0} {
		if got, known := all[1].At(recall, bytes); known != (want > 0) || math.Abs(got-want) > 1e-6 {
			t.Errorf("swept, at %v: %v (%v), want %v", recall, got, known, want)
		}
	}
	if _, known := all[1].At(.95, func(r DiskRow) float64 { return r.Vectors }); known {
		t.Error("vectors that are not known")
	}
	if all := LargestOnDisk(rows, 5); all != nil {
		t.Errorf("%+v", all)
	}
}
