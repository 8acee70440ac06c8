package fidelity

import (
	"math"
	"testing"

	"anncapacity/lib/ann"
)

// at returns a list of neighbours 0, 1, 2, … at the given distances.
func at(distances ...float32) ann.Neighbors {
	ns := make(ann.Neighbors, len(distances))
	for i, d := range distances {
		ns[i] = ann.Neighbor{ID: int32(i), Distance: d}
	}
	return ns
}

func check(t *testing.T, name string, got float64, ok bool, want float64) {
	t.Helper()
	if defined := !math.IsNaN(want); ok != defined {
		t.Errorf("%s: defined is %v, want %v", name, ok, defined)
	} else if ok && math.Abs(got-want) > 1e-12*max(1, math.Abs(want)) {
		t.Errorf("%s: %v, want %v", name, got, want)
	} else if !ok && got != 0 {
		t.Errorf("%s: undefined, but %v instead of 0", name, got)
	}
}

var undefined = math.NaN()

func TestDistancesOfLists(t *testing.T) {
	truth := at(1, 2, 3, 4)
	for _, c := range []struct {
		name                string
		truth, answer       ann.Neighbors
		mean, ratio, radius float64
	}{
		{"identical", truth, truth, 2.5, 1, 1},
		{"twice as far", truth, at(2, 4, 6, 8), 5, 2, 2},
		{"only the last one wrong", truth, at(1, 2, 3, 6), 3, 1.2, 1.5},
		{"short list, all true: compared over its own length", truth, at(1, 2), 1.5, 1, 1},
		{"short list with the nearest missing", truth, at(2, 3), 2.5, 5. / 3, 1.5},
		{"empty list", truth, nil, undefined, undefined, undefined},
		{"all exact neighbours duplicates of the query", at(0, 0), at(0, 1), .5, undefined, undefined},
		{"one duplicate among the exact neighbours", at(0, 2), at(2, 2), 2, 2, 1},
	} {
		got, ok := meanDistance(c.answer)
		check(t, c.name+": mean", got, ok, c.mean)
		got, ok = distanceRatio(c.truth, c.answer)
		check(t, c.name+": ratio", got, ok, c.ratio)
		got, ok = radiusRatio(c.truth, c.answer)
		check(t, c.name+": radius", got, ok, c.radius)
	}
}

func TestBarycenterShiftOfLists(t *testing.T) {
	// Points on a line; the query is at the origin, and so each point's distance is its coordinate.
	points := []float32{3, 4, 5, 12, 0}
	base, err := ann.NewVectors(5, 1, points)
	if err != nil {
		t.Fatal(err)
	}
	pick := func(ids ...int32) ann.Neighbors {
		ns := make(ann.Neighbors, len(ids))
		for i, id := range ids {
			ns[i] = ann.Neighbor{ID: id, Distance: points[id]}
		}
		return ns
	}
	radius := math.Sqrt((9. + 16) / 2)
	for _, c := range []struct {
		name          string
		truth, answer ann.Neighbors
		want          float64
	}{
		{"identical", pick(0, 1), pick(0, 1), 0},
		{"the same in another order", pick(0, 1), pick(1, 0), 0},
		{"disjoint", pick(0, 1), pick(2, 3), 5 / radius},
		{"short list", pick(0, 1), pick(0), .5 / radius},
		{"empty list", pick(0, 1), nil, undefined},
		{"exact neighbours without extent", pick(4), pick(0), undefined},
	} {
		got, ok := barycenterShift(base, c.truth, c.answer)
		check(t, c.name, got, ok, c.want)
	}
}

func TestBarycenterShiftHasNoUnit(t *testing.T) {
	base, _ := ann.NewVectors(3, 2, []float32{1, 2, 3, 5, 8, 13})
	scaled, _ := ann.NewVectors(3, 2, []float32{16, 32, 48, 80, 128, 208})
	a, _ := barycenterShift(base, at(1, 2), at(1))
	b, _ := barycenterShift(scaled, at(16, 32), at(16))
	if a == 0 || a != b {
		t.Errorf("vectors 16 times as long: shift %v, want %v", b, a)
	}
	truth, answer := publishedSlots(at(1, 2), 2), publishedSlots(at(1), 1)
	long, longAnswer := publishedSlots(at(16, 32), 2), publishedSlots(at(16), 1)
	if p, q := publishedBarycenterShift(base, truth, answer), publishedBarycenterShift(scaled, long, longAnswer); p != 16*q {
		t.Errorf("published-style: %v and %v, want the former 16 times the latter", p, q)
	}
}

func TestLIDOfLists(t *testing.T) {
	e := float32(math.E)
	for _, c := range []struct {
		name         string
		list         ann.Neighbors
		mle, moments float64
	}{
		{"a line: distances 1, 2, 4", at(1, 2, 4), 1 / (1.5 * math.Ln2), (7. / 3) / (4 - 7./3)},
		{"one ratio of e", at(1, e), 1 / math.Log(float64(e)), (1 + float64(e)) / (float64(e) - 1)},
		{"a duplicate of the query: excluded from the likelihood", at(0, 1, e), 1 / math.Log(float64(e)), (1 + float64(e)) / (2*float64(e) - 1)},
		{"ties", at(1, 1, 2), 1 / math.Ln2, 2},
		{"all distances equal", at(7, 7, 7), undefined, undefined},
		{"all duplicates of the query", at(0, 0, 0), undefined, undefined},
		{"one positive distance", at(0, 0, 3), undefined, .5},
		{"one neighbour", at(3), undefined, undefined},
		{"empty list", nil, undefined, undefined},
	} {
		got, ok := lidMaximumLikelihood(c.list)
		check(t, c.name+": maximum likelihood", got, ok, c.mle)
		got, ok = lidMoments(c.list)
		check(t, c.name+": moments", got, ok, c.moments)
	}
}

func TestHubnessOfLists(t *testing.T) {
	lists := [][]int32{{1, 2}, {0, 2}, {0, 1}}
	counts := KOccurrence(lists, 4, 2)
	for i, want := range []float64{2, 2, 2, 0} {
		if counts[i] != want {
			t.Errorf("point %d is in %v lists, want %v", i, counts[i], want)
		}
	}
	for i, want := range []float64{2, 1, 0, 0} {
		if got := KOccurrence(lists, 4, 1)[i]; got != want {
			t.Errorf("k = 1: point %d is first in %v lists, want %v", i, got, want)
		}
	}
	for _, c := range []struct {
		name   string
		counts []float64
		want   float64
	}{
		{"every point as often", []float64{3, 3, 3}, undefined},
		{"symmetric", []float64{1, 2, 3}, 0},
		{"one hub among four", []float64{4, 0, 0, 0}, 2 / math.Sqrt(3)},
		{"one anti-hub among four", counts, -2 / math.Sqrt(3)},
	} {
		got, ok := Hubness(c.counts)
		check(t, c.name, got, ok, c.want)
	}
}
