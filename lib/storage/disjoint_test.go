package storage

import (
	"math"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/testkit"
)

// Queries whose numbers are those of a base vector are found, whatever the types, the signs of zeros and the repetitions.
func TestDisjoint(t *testing.T) {
	base := ann.Coordinates{N: 4, D: 2, Bytes: []uint8{0, 1, 2, 3, 0, 1, 255, 0}}
	floats := base.Vectors().Coordinates()
	zero := float32(math.Copysign(0, -1))
	queries := ann.Coordinates{N: 7, D: 2, Floats: []float32{1, 0, 0, 1, zero, 1, 2, 3.0000002, 255, zero, 0, 1, 3, 2}}
	for _, b := range []ann.Coordinates{base, floats} {
		kept, inBase, err := Disjoint(b, queries)
		want := []float32{1, 0, 2, 3.0000002, 3, 2}
		if err != nil || !slices.Equal(inBase, []int{1, 2, 4, 5}) || kept.N != 3 || !slices.Equal(kept.Floats, want) {
			t.Errorf("%v are in the base, %v are left (%v)", inBase, kept, err)
		}
	}
	other := ann.Coordinates{N: 2, D: 2, Bytes: []uint8{9, 9, 9, 9}}
	if kept, inBase, err := Disjoint(floats, other); err != nil || inBase != nil || !slices.Equal(kept.Bytes, other.Bytes) {
		t.Errorf("%v are in the base, %v are left (%v)", inBase, kept, err)
	}
	_, _, err := Disjoint(base, ann.Coordinates{N: 1, D: 1, Bytes: []uint8{1}})
	testkit.WantMentions(t, "other dimension", err, "1 dimensions", "2")
	_, _, err = Disjoint(base, base)
	testkit.WantMentions(t, "nothing left", err, "all of the 4 queries")
}

// Very many equal vectors take time in proportion to their number: their product is 10¹⁰.
func TestDisjointOfEqualVectors(t *testing.T) {
	const n = 100_000
	same := ann.Coordinates{N: n, D: 1, Bytes: make([]uint8, n)}
	queries := ann.Coordinates{N: n + 1, D: 1, Bytes: append(make([]uint8, n), 1)}
	if kept, inBase, err := Disjoint(same, queries); err != nil || len(inBase) != n || kept.N != 1 {
		t.Errorf("%d are in the base, %d are left (%v)", len(inBase), kept.N, err)
	}
}
