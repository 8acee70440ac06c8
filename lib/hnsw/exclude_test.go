package hnsw

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"anncapacity/lib/ann"
)

// searchExcluding is the search of hnswlib with a filter: excluded nodes are expanded, but the list of the ef nearest nodes
// holds none of them. It returns this list, nearest first, and the number of nodes visited.
func searchExcluding(g *Graph, v ann.Vectors, query []float32, excluded []bool, ef int) (list []int32, visited int) {
	distance := func(id int32) float32 { return ann.SquaredL2(query, v.Row(int(id))) }
	nearer := func(a, b int32) int { return cmp.Compare(distance(a), distance(b)) }
	at := g.EntryPoint()
	for level := g.Level(at); level > 0; level-- {
		for before := int32(-1); before != at; {
			before = at
			at = slices.MinFunc(append([]int32{at}, g.Links(at, level)...), nearer)
		}
	}
	seen, open := map[int32]bool{at: true}, []int32{at}
	if !excluded[at] {
		list = append(list, at)
	}
	for len(open) > 0 {
		c := open[0]
		open = open[1:]
		if len(list) == ef && distance(c) > distance(list[ef-1]) {
			break
		}
		for _, next := range g.Links(c, 0) {
			if seen[next] {
				continue
			}
			if seen[next] = true; len(list) < ef || distance(next) < distance(list[ef-1]) {
				open = append(open, next)
				slices.SortStableFunc(open, nearer)
				if !excluded[next] {
					list = append(list, next)
					slices.SortStableFunc(list, nearer)
					list = list[:min(ef, len(list))]
				}
			}
		}
	}
	return list, len(seen)
}

// A walk that excludes nodes contains the search for every efSearch that passes through them without counting them. n = 600, d = 8,
// M = 4, half of the nodes excluded, with the entry point or without it.
func TestWalkThatExcludesNodes(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 0))
	v, queries := gaussian(rng, 600, 8), gaussian(rng, 30, 8)
	g := build(t, OnVectors(v), Options{M: 4, EfConstruction: 20, Seed: 2})
	for _, entry := range []bool{false, true} {
		excluded := make([]bool, v.N)
		for i := range excluded {
			excluded[i] = rng.IntN(2) == 0
		}
		excluded[g.EntryPoint()] = entry
		w, err := NewBoundedWalker(g, OnVectors(v))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Exclude(excluded); err != nil {
			t.Fatal(err)
		}
		for q := range queries.N {
			walk, err := w.Walk(ann.Query{Vector: queries.Row(q)}, 200)
			if err != nil {
				t.Fatal(err)
			}
			for _, ef := range []int{1, 2, 5, 20, 100, 200} {
				compareExcluding(t, g, v, queries.Row(q), excluded, walk, ef)
			}
		}
	}
	w, _ := NewBoundedWalker(g, OnVectors(v))
	if err := w.Exclude(make([]bool, 5)); err == nil || !strings.Contains(err.Error(), "5 marks for 600 nodes") {
		t.Errorf("marks for other nodes: %v", err)
	}
}

func compareExcluding(t *testing.T, g *Graph, v ann.Vectors, query []float32, excluded []bool, walk *Walk, ef int) {
	t.Helper()
	want, visited := searchExcluding(g, v, query, excluded, ef)
	if walk.Visited(ef) != visited {
		t.Fatalf("efSearch %d: %d nodes visited, want %d", ef, walk.Visited(ef), visited)
	}
	list, err := walk.Answer(Pad, ef, ef)
	if err != nil {
		t.Fatal(err)
	}
	ids, efforts := walk.Ranked(nil, nil)
	var ranked []int32
	capacity := 0
	for i, id := range ids {
		if int(efforts[i]) > ef {
			continue
		}
		if capacity++; len(ranked) < ef {
			ranked = append(ranked, id)
		}
	}
	for i, n := range list {
		if i >= len(want) || n.ID != want[i] || ranked[i] != want[i] {
			t.Fatalf("efSearch %d: %v and %v, want %v", ef, list, ranked, want)
		}
	}
	if len(list) != len(want) || len(ranked) != len(want) || walk.Capacity(ef) != capacity {
		t.Fatalf("efSearch %d: %d and %d answers of %d, want %d of %d", ef, len(list), len(ranked), walk.Capacity(ef),
			len(want), capacity)
	}
}

func gaussian(rng *rand.Rand, n, d int) ann.Vectors {
	v := ann.Vectors{N: n, D: d}
	for range n * d {
		v.Data = append(v.Data, float32(rng.NormFloat64()))
	}
	return v
}

// A graph with another number of slots on level 0 is walked like one with 2M, and has no graph file.
func TestImportOfOtherSlots(t *testing.T) {
	v := gaussian(rand.New(rand.NewPCG(9, 0)), 200, 4)
	g := build(t, OnVectors(v), Options{M: 4, EfConstruction: 20, Seed: 2})
	links := Links{Level: g.level, EntryPoint: g.entryPoint, Ground: 11}
	for id := range int32(g.Len()) {
		links.Slots = append(links.Slots, g.slots(id, 0)...)
		links.Slots = append(links.Slots, noLink, noLink, noLink)
		for level := 1; level <= g.Level(id); level++ {
			links.Slots = append(links.Slots, g.slots(id, level)...)
		}
	}
	wide, err := Import(Options{M: 4}, links)
	if err != nil {
		t.Fatal(err)
	}
	for id := range int32(g.Len()) {
		for level := range g.Level(id) + 1 {
			if !slices.Equal(wide.Links(id, level), g.Links(id, level)) {
				t.Fatalf("node %d, level %d: %v, want %v", id, level, wide.Links(id, level), g.Links(id, level))
			}
		}
	}
	if err := wide.Save(t.TempDir() + "/g"); err == nil || !strings.Contains(err.Error(), "11 slots") {
		t.Errorf("saved: %v", err)
	}
	for says, bad := range map[string]Links{"must be 1 to 20000": {Level: g.level, Ground: 20001},
		"slots of links": {Level: g.level, Ground: 10}} {
		if _, err := Import(Options{M: 4}, bad); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q expected: %v", says, err)
		}
	}
	if _, err := Import(Options{M: 10001}, links); err == nil || !strings.Contains(err.Error(), "M = 10001") {
		t.Errorf("M = 10001: %v", err)
	}
}

// Nodes are reachable through links on any level.
func TestReachable(t *testing.T) {
	// On level 0, node 0 links to 1, 1 to 0, 2 to 3, 3 to 2, and 4 to none. On level 1, 0 and 4 link to each other.
	g, err := Import(Options{M: 1}, Links{
		Level: []uint8{1, 0, 0, 0, 1}, EntryPoint: 0, Ground: 1,
		Slots: []int32{1, 4, 0, 3, 2, -1, 0},
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []bool{true, true, false, false, true}; !slices.Equal(g.Reachable(), want) {
		t.Errorf("%v, want %v", g.Reachable(), want)
	}
}
