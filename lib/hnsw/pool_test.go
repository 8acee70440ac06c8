package hnsw

import (
	"math/rand/v2"
	"slices"
	"testing"

	"anncapacity/lib/internal/rank"
)

// A pool holds the ef smallest keys added and those with the value of the ef-th, and expands them in the order of keys. Values
// are few, so that many are equal.
func TestPool(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for range 300 {
		ef, n := 1+rng.IntN(20), 1+rng.IntN(60)
		var p pool
		var all []uint64
		p.reset(ef)
		for id := range int32(n) {
			key := rank.Key(float32(rng.IntN(9)-4), id)
			all = append(all, key)
			nearer := len(p.entries) < ef || rank.Less(key, keyOf(p.entries[ef-1]))
			tie := nearer || rank.Value(key) == rank.Value(p.entries[ef-1])
			if value := rank.Value(key); nearer != p.wants(value) || tie != p.wantsTie(value) {
				t.Fatalf("ef = %d, %x: wants %v: %v and %v", ef, p.entries, value, p.wants(value), p.wantsTie(value))
			}
			p.add(key)
		}
		slices.Sort(all)
		nearest := all[:min(ef, n)]
		if got := p.keys(nil); !slices.Equal(got, nearest) {
			t.Fatalf("ef = %d: %x, want %x", ef, got, nearest)
		}
		for i, key := range all {
			if rank.Less(nearest[len(nearest)-1], key) {
				break
			}
			upcoming, _ := p.upcoming()
			if id, ok := p.expand(); !ok || upcoming != id || id != rank.ID(key) {
				t.Fatalf("ef = %d: expanded %d, %v, want %d", ef, id, ok, rank.ID(key))
			}
			for i > 0 && !rank.Less(all[i-1], key) {
				i--
			}
			if got := p.nearer(); got != i {
				t.Fatalf("ef = %d: %d nodes nearer than %x, want %d", ef, got, key, i)
			}
		}
		if id, ok := p.expand(); ok {
			t.Fatalf("ef = %d: expanded %d, which is farther than the %d nearest", ef, id, ef)
		}
	}
}

// A node that is added before those that are expanded is expanded next.
func TestPoolExpandsNearerNodesFirst(t *testing.T) {
	var p pool
	p.reset(3)
	for id, value := range []float32{5, 3, 4, 1} {
		p.add(rank.Key(value, int32(id)))
		if got, ok := p.expand(); id != 2 && (!ok || int(got) != id) || id == 2 && int(got) != 2 {
			t.Fatalf("after node %d: expanded %d, %v", id, got, ok)
		}
	}
	if id, ok := p.expand(); ok {
		t.Errorf("node %d was expanded twice", id)
	}
}
