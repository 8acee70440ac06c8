package hnsw

import (
	"context"
	"slices"
	"testing"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/rank"
)

// boundedSearch is Algorithm 2 of the paper, for one efSearch: the reference for the walk.
func boundedSearch(g *Graph, from source, ef int) []int32 {
	var m gather
	seen := newStamps(g.Len())
	seen.next()
	start := descend(g, &m, from, 0)
	seen.add(rank.ID(start))
	all, candidates, nearest := []uint64{start}, []uint64{start}, []uint64{start}
	for len(candidates) > 0 {
		slices.Sort(candidates)
		c := candidates[0]
		candidates = candidates[1:]
		if len(nearest) == ef && rank.Less(nearest[ef-1], c) {
			break
		}
		ids, values := m.unseen(g.Links(rank.ID(c), 0), from, &seen)
		for i, id := range ids {
			next := rank.Key(values[i], id)
			all = append(all, next)
			candidates = append(candidates, next) // not only when next is among the ef nearest: it is never expanded then
			nearest = append(nearest, next)
			slices.Sort(nearest)
			nearest = nearest[:min(ef, len(nearest))]
		}
	}
	ids := make([]int32, len(all))
	for i, k := range all {
		ids[i] = rank.ID(k)
	}
	slices.Sort(ids)
	return ids
}

// One walk contains every bounded search: for every e, visited(e) holds the nodes that the search with efSearch = e visits.
func TestOneWalkHoldsEverySearch(t *testing.T) {
	v := clusters(1500, 8, 9)
	g := build(t, OnVectors(v), Options{M: 6, EfConstruction: 40, Seed: 9})
	w, err := NewWalker(g, OnVectors(v))
	if err != nil {
		t.Fatal(err)
	}
	for q := int32(0); q < 40; q++ {
		walk, err := w.Walk(ann.Point(v, q), 120)
		if err != nil {
			t.Fatal(err)
		}
		for ef := 1; ef <= 120; ef += 1 + ef/10 {
			want := boundedSearch(g, OnVectors(v).from(q, nil), ef)
			var got []int32
			for id := range int32(v.N) {
				if effort, ok := walk.Effort(id); ok && effort <= ef {
					got = append(got, id)
				}
			}
			if !slices.Equal(got, want) {
				t.Fatalf("query %d, efSearch %d: the walk visits %d nodes, the search %d", q, ef, len(got), len(want))
			}
			others := slices.DeleteFunc(want, func(id int32) bool { return id == q })
			if walk.Capacity(ef) != len(others) {
				t.Fatalf("query %d, efSearch %d: capacity %d, %d nodes visited", q, ef, walk.Capacity(ef), len(others))
			}
		}
	}
}

func BenchmarkWalk(b *testing.B) {
	v := clusters(5000, 32, 1)
	m, err := exact.AllPairs(context.Background(), v)
	if err != nil {
		b.Fatal(err)
	}
	w, err := NewWalker(build(b, OnMatrix(m), Options{}), OnMatrix(m))
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := w.Walk(ann.PointID(int32(i%5000)), 100); err != nil {
			b.Fatal(err)
		}
	}
}

// A walk on a pool is the walk on heaps, which excluding no node asks for: nodes, efforts and whether it is exhausted, with ties.
func TestWalkOnPoolIsWalkOnHeap(t *testing.T) {
	v := withCopies(700, 4)
	space := OnVectors(v)
	g := build(t, space, Options{M: 4, EfConstruction: 30, Seed: 1})
	for _, walker := range []func(*Graph, Space) (*Walker, error){NewWalker, NewBoundedWalker} {
		pool, err := walker(g, space)
		if err != nil {
			t.Fatal(err)
		}
		heap, _ := walker(g, space)
		if err := heap.Exclude(make([]bool, v.N)); err != nil {
			t.Fatal(err)
		}
		for _, effort := range []int{1, 2, 10, 100, 700, maxPool} {
			for q := range int32(60) {
				got, err := pool.Walk(ann.Point(v, 11*q), effort)
				if err != nil {
					t.Fatal(err)
				}
				want, err := heap.Walk(ann.Point(v, 11*q), effort)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got.keys, want.keys) || !slices.Equal(got.efforts, want.efforts) || got.Exhausted != want.Exhausted {
					t.Fatalf("query %d, effort %d: %d nodes, exhausted %v, want %d, %v", 11*q, effort, len(got.keys), got.Exhausted,
						len(want.keys), want.Exhausted)
				}
			}
		}
	}
}
