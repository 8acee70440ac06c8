package study

import (
	"context"
	"io"
	"math"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
)

// Running sums give what the definitions in package fidelity give, query by query, list by list, with exact
// duplicates of queries among the points and with answers that are short.
func TestPointsAreTheDefinitions(t *testing.T) {
	s, err := open(t.Context(), Options{Embeddings: vectorsWithDuplicates(t, 700), Out: t.TempDir(), Runs: 1, Subset: 650}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	d, err := s.draw(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	truth, err := d.matrix.Neighbors(500)
	if err != nil {
		t.Fatal(err)
	}
	short := 0
	for _, c := range s.conditions {
		m, err := s.measureHNSW(ctx, d, c)
		if err != nil {
			t.Fatal(err)
		}
		for q := 0; q < len(m.points); q += 37 {
			for v, value := range c.Values {
				w, err := hnsw.NewWalker(d.graphs[c.efConstruction(value)], hnsw.OnMatrix(d.matrix))
				if err != nil {
					t.Fatal(err)
				}
				walk, err := w.Walk(ann.PointID(int32(q)), 2000)
				if err != nil {
					t.Fatal(err)
				}
				for i, k := range s.ks {
					if i%7 != 0 && i != 49 {
						continue
					}
					answer, err := walk.Answer(hnsw.Pad, k, c.efSearch(value, k))
					if err != nil {
						t.Fatal(err)
					}
					if len(answer) < k {
						short++
					}
					got := m.points[q][v*len(s.ks)+i]
					comparePoint(t, got, definitions(d.base, truth[q][:k], answer, k))
					compareExact(t, d.exact[q][i], truth[q][:k], k)
				}
			}
		}
	}
	if short == 0 {
		t.Error("no answer was short: the test does not test what it says")
	}
}

// vectorsWithDuplicates is vectors with every tenth a copy of its neighbour in the file.
func vectorsWithDuplicates(t *testing.T, n int) string {
	t.Helper()
	return vectorsChanged(t, n, func(v ann.Vectors) {
		for i := 10; i < n; i += 10 {
			copy(v.Row(i), v.Row(i-1))
		}
	})
}

func orUndefined(x float64, ok bool) float64 {
	if !ok {
		return math.NaN()
	}
	return x
}

// prefixLID is the estimate from the first k₀ of a list that holds so many.
func prefixLID(list ann.Neighbors, k0 int) float64 {
	if len(list) < k0 {
		return math.NaN()
	}
	return orUndefined(fidelity.LIDMaximumLikelihood(list[:k0]))
}

func definitions(base ann.Vectors, truth, answer ann.Neighbors, k int) map[string]float64 {
	exact, slots := fidelity.PublishedSlots(truth, k), fidelity.PublishedSlots(answer, k)
	return map[string]float64{
		"shared":      float64(fidelity.Shared(ids(truth), answer, k)),
		"found":       float64(len(answer)),
		"distance":    orUndefined(fidelity.MeanDistance(answer)),
		"ratio":       orUndefined(fidelity.DistanceRatio(truth, answer)),
		"radius":      orUndefined(fidelity.RadiusRatio(truth, answer)),
		"shift":       orUndefined(fidelity.BarycenterShift(base, truth, answer)),
		"lid":         orUndefined(fidelity.LIDMaximumLikelihood(answer)),
		"lid20":       prefixLID(answer, 20),
		"lid100":      prefixLID(answer, 100),
		"moments":     orUndefined(fidelity.LIDMoments(answer)),
		"pubDistance": finite(fidelity.PublishedMeanDistance(slots)),
		"pubShift":    float64(fidelity.PublishedBarycenterShift(base, exact, slots)),
		"pubLID":      float64(fidelity.PublishedLID(slots)),
	}
}

func finite(x float32) float64 {
	if math.IsInf(float64(x), 0) {
		return math.NaN() // such a query is dropped
	}
	return float64(x)
}

func comparePoint(t *testing.T, p point, want map[string]float64) {
	t.Helper()
	for name, got := range map[string]float32{
		"shared": p.shared, "found": p.found, "distance": p.distance, "ratio": p.distanceRatio, "radius": p.radius, "shift": p.shift,
		"lid": p.lid, "lid20": p.lid20, "lid100": p.lid100, "moments": p.moments,
		"pubDistance": p.pubDistance, "pubShift": p.pubShift, "pubLID": p.pubLID,
	} {
		same(t, name, float64(got), want[name])
	}
}

func compareExact(t *testing.T, e exactPoint, truth ann.Neighbors, k int) {
	t.Helper()
	slots := fidelity.PublishedSlots(truth, k)
	same(t, "exact distance", float64(e.distance), orUndefined(fidelity.MeanDistance(truth)))
	same(t, "exact lid", float64(e.lid), orUndefined(fidelity.LIDMaximumLikelihood(truth)))
	same(t, "exact lid20", float64(e.lid20), prefixLID(truth, 20))
	same(t, "exact lid100", float64(e.lid100), prefixLID(truth, 100))
	same(t, "exact moments", float64(e.moments), orUndefined(fidelity.LIDMoments(truth)))
	same(t, "exact pubDistance", float64(e.pubDistance), float64(fidelity.PublishedMeanDistance(slots)))
	same(t, "exact pubLID", float64(e.pubLID), float64(fidelity.PublishedLID(slots)))
}

// same is equality to five digits; a shift below 1e-5 radii is rounding on either side.
func same(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > 1e-5+2e-5*math.Abs(want) {
		t.Errorf("%s: %v, by definition %v", name, got, want)
	}
}
