package fidelity

import (
	"testing"

	"anncapacity/lib/ann"
)

func list(ids ...int32) ann.Neighbors {
	ns := make(ann.Neighbors, len(ids))
	for i, id := range ids {
		ns[i] = ann.Neighbor{ID: id, Distance: float32(i)}
	}
	return ns
}

func TestOverlapAndFillOfLists(t *testing.T) {
	truth := []int32{4, 7, 1, 9}
	for _, c := range []struct {
		name          string
		answer        ann.Neighbors
		overlap, fill float64
	}{
		{"identical", list(4, 7, 1, 9), 1, 1},
		{"identical but for the order", list(9, 1, 7, 4), 1, 1},
		{"disjoint", list(2, 3, 5, 6), 0, 1},
		{"half", list(4, 7, 5, 6), .5, 1},
		{"short list, all true", list(4, 7, 1), .75, .75},
		{"empty list", nil, 0, 0},
		{"more than k: the rest does not count", list(2, 3, 5, 6, 4, 7), 0, 1},
	} {
		if got := OverlapAt(truth, c.answer, 4); got != c.overlap {
			t.Errorf("%s: overlap %v, want %v", c.name, got, c.overlap)
		}
		if got := FillAt(len(c.answer), 4); got != c.fill {
			t.Errorf("%s: fill %v, want %v", c.name, got, c.fill)
		}
	}
	if got := OverlapAt(truth, list(7, 4, 9, 1), 2); got != 1 {
		t.Errorf("k = 2 of longer lists: %v, want 1", got)
	}
}

func TestReachedCountsEffortsUpToEfSearch(t *testing.T) {
	efforts := []int32{1, 30, 25, 26, 1 << 30}
	for ef, want := range map[int]int{0: 0, 1: 1, 25: 2, 26: 3, 100: 4} {
		if got := Reached(efforts, ef); got != want {
			t.Errorf("efSearch %d: %d reached, want %d", ef, got, want)
		}
	}
}
