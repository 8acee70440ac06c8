package hnsw

import (
	"math/rand/v2"
	"slices"
	"testing"

	"anncapacity/lib/internal/rank"
)

// Links that were selected together need not be compared with one another when they are selected again: the result is that
// of the heuristic. Coordinates are integers, so that there are ties.
func TestSelectionAgainIsTheHeuristic(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 0))
	v := withCopies(400, 6)
	w := &inserter{space: OnVectors(v), explorer: explorer{g: &Graph{}, seen: newStamps(v.N)}}
	dropped := 0
	for range 500 {
		from, room := int32(rng.IntN(v.N)), 3+rng.IntN(8)
		candidates := rng.Perm(v.N)[:60]
		w.rank(from, candidates[:50])
		old := slices.Clone(w.selectHeuristic(room))
		w.seen.next()
		for _, id := range old {
			w.seen.add(id)
			candidates = append(candidates, int(id))
		}
		w.rank(from, candidates[50:])
		want := slices.Clone(w.selectHeuristic(room))
		if got := w.selectAgain(room); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
		for _, id := range old {
			if !slices.Contains(want, id) {
				dropped++
			}
		}
	}
	if dropped == 0 {
		t.Error("no link was replaced")
	}
}

// rank sets w.sorted to the keys of different nodes.
func (w *inserter) rank(from int32, ids []int) {
	w.gather.ids = w.gather.ids[:0]
	for _, id := range ids {
		w.gather.ids = append(w.gather.ids, int32(id))
	}
	w.sorted = append(w.sorted[:0], w.gather.compute(w.space.from(from, nil))...)
	slices.Sort(w.sorted)
	w.sorted = slices.CompactFunc(w.sorted, func(a, b uint64) bool { return rank.ID(a) == rank.ID(b) })
}
