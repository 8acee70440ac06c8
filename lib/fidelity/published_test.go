package fidelity

import (
	"math"
	"testing"

	"anncapacity/lib/ann"
)

var inf32 = float32(math.Inf(1))

func TestPublishedSlotsPadAtTheEnd(t *testing.T) {
	row := publishedSlots(at(2, 3), 4)
	for i, want := range []struct {
		id      int32
		squared float32
	}{{0, 4}, {1, 9}, {-1, 3.4028235e38}, {-1, 3.4028235e38}} {
		if row.IDs[i] != want.id || row.Squared[i] != want.squared {
			t.Errorf("slot %d holds %d at %v, want %d at %v", i, row.IDs[i], row.Squared[i], want.id, want.squared)
		}
	}
}

func TestPublishedDistanceOfLists(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer ann.Neighbors
		want   float32
	}{
		{"squared, not L2", at(1, 2, 3, 4), 7.5},
		{"one empty slot", at(1, 2, 3), EmptySlot / 4},
		{"two empty slots overflow", at(1, 2), inf32},
		{"nothing found", nil, inf32},
	} {
		if got := publishedMeanDistance(publishedSlots(c.answer, 4)); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// publishedMeanDistances returns the means over queries of publishedMeanDistance for exact and approximate lists, as the
// paper's code computes them. A query whose value is not finite in either list is excluded from both means; kept is the
// number of the other queries. The means are NaN if kept is zero.
func publishedMeanDistances(exact, answer []float32) (meanExact, meanAnswer float32, kept int) {
	var keptExact, keptAnswer []float32
	for q := range exact {
		if finite(exact[q]) && finite(answer[q]) {
			keptExact, keptAnswer = append(keptExact, exact[q]), append(keptAnswer, answer[q])
		}
	}
	return mean32(keptExact), mean32(keptAnswer), len(keptExact)
}

func finite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }

func TestPublishedMeansDropOverflowingQueriesFromBothSides(t *testing.T) {
	exact := []float32{1, 2, 3, 100}
	for _, c := range []struct {
		name       string
		answer     []float32
		wantExact  float32
		wantAnswer float32
		kept       int
	}{
		{"all finite", []float32{1, 2, 3, 102}, 26.5, 27, 4},
		{"the farthest query overflows: the exact mean falls too", []float32{1, 2, 3, inf32}, 2, 2, 3},
		{"one query of four has one empty slot of ten", []float32{1, 2, 3, EmptySlot / 10}, 26.5, EmptySlot / 40, 4},
		{"two means whose sum overflows", []float32{EmptySlot, EmptySlot, 3, inf32}, 2, inf32, 3},
	} {
		e, a, kept := publishedMeanDistances(exact, c.answer)
		if e != c.wantExact || math.Abs(float64(a/c.wantAnswer)-1) > 1e-6 || kept != c.kept {
			t.Errorf("%s: %v, %v over %d, want %v, %v over %d", c.name, e, a, kept, c.wantExact, c.wantAnswer, c.kept)
		}
	}
	e, a, kept := publishedMeanDistances([]float32{1}, []float32{inf32})
	if e == e || a == a || kept != 0 {
		t.Errorf("no query left: %v, %v over %d, want NaN, NaN over 0", e, a, kept)
	}
}

func TestPublishedShiftReadsLabelMinusOneAsTheLastRow(t *testing.T) {
	base, err := ann.NewVectors(3, 1, []float32{1, 3, 101})
	if err != nil {
		t.Fatal(err)
	}
	truth := publishedSlots(at(1, 3), 2) // barycentre 2, mean squared distance 5
	if got, want := publishedBarycenterShift(base, truth, publishedSlots(at(1), 2)), float32(49)/5; got != want {
		t.Errorf("one empty slot: %v, want %v (points 1 and 101)", got, want)
	}
	if got := publishedBarycenterShift(base, truth, truth); got != 0 {
		t.Errorf("identical: %v, want 0", got)
	}
}

func TestPublishedLIDOfLists(t *testing.T) {
	near := func(name string, row slots, want float64) {
		t.Helper()
		if got := float64(publishedLID(row)); !(math.Abs(got/want-1) < 2e-6) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	// Ratios of 2 on distances are ratios of 4 on their squares; the last term is zero and counts.
	near("distances 1, 2, 4", publishedSlots(at(1, 2, 4), 3), 3/(6*math.Ln2))
	corrected, _ := lidMaximumLikelihood(at(1, 2, 4))
	near("half of the corrected value, times k/(k−1)", publishedSlots(at(1, 2, 4), 3), corrected/2*3/2)
	near("a duplicate of the query counts as ε", publishedSlots(at(0, 1), 2), -2/math.Log(1e-12))
	near("one empty slot", publishedSlots(at(1), 2), 2/math.Log(math.MaxFloat32))
	if got := publishedLID(publishedSlots(at(2, 2, 2), 3)); !math.IsInf(float64(got), -1) {
		t.Errorf("all distances equal: %v, want −Inf, which is NumPy's −1 / 0", got)
	}
}
