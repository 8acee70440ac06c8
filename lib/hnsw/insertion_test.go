package hnsw

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"anncapacity/lib/ann"
)

var allInsertions = []Insertion{AsFAISS, AsFAISS115, AsFAISS115Shuffled, AsHNSWLib, AsHNSWLibShuffled, AsHNSWLibSorted}

// Every insertion gives a valid graph in which almost all nodes are reachable. The graph does not depend on the number of
// cores, and its file holds the insertion. n = 2,000, d = 16, M = 8.
func TestInsertions(t *testing.T) {
	space := OnVectors(clusters(2000, 16, 3))
	var others [][]byte
	for _, insertion := range allInsertions {
		o := Options{M: 8, EfConstruction: 100, Insertion: insertion, Seed: 5}
		g := build(t, space, o)
		if err := g.check(); err != nil {
			t.Errorf("%v: %v", insertion, err)
		}
		if n := g.Unreachable(); n > 10 {
			t.Errorf("%v: %d nodes unreachable", insertion, n)
		}
		data := bytesOf(t, g)
		old := runtime.GOMAXPROCS(1)
		if !bytes.Equal(data, bytesOf(t, build(t, space, o))) {
			t.Errorf("%v: the same seed gave two graphs", insertion)
		}
		runtime.GOMAXPROCS(old)
		if back, err := parse(data); err != nil || !reflect.DeepEqual(back.Options(), g.Options()) {
			t.Errorf("%v: %v", insertion, err)
		}
		if slices.ContainsFunc(others, func(other []byte) bool { return bytes.Equal(other[100:], data[100:]) }) {
			t.Errorf("%v: the graph of another insertion", insertion)
		}
		others = append(others, data)
	}
	if _, err := Build(context.Background(), space, Options{Insertion: AsHNSWLibSorted + 1}); err == nil {
		t.Error("an unknown insertion was taken")
	}
}

func recallOf(t *testing.T, g *Graph, space Space, truth [][]int32, ef int) float64 {
	t.Helper()
	w, err := NewBoundedWalker(g, space)
	if err != nil {
		t.Fatal(err)
	}
	near, found := make([]int32, len(truth[0])), 0
	for q, ids := range truth {
		radius, err := w.Radius(ann.PointID(int32(q)), ids)
		if err != nil {
			t.Fatal(err)
		}
		walk, err := w.Walk(ann.PointID(int32(q)), ef)
		if err != nil {
			t.Fatal(err)
		}
		walk.EffortsWithin(radius, near)
		for _, effort := range near {
			if int(effort) <= ef {
				found++
			}
		}
	}
	return float64(found) / float64(len(truth)*len(near))
}

// queueSearch is a search with a queue of ef nodes, as FAISS and hnswlib perform it. A node that is not nearer than the
// farthest of a full queue is rejected. Of equally distant nodes, the first seen is expanded first and the last seen is
// removed first.
func queueSearch(g *Graph, from source, ef int) (visited []int32) {
	type entry struct {
		value    float32
		id       int32
		expanded bool
	}
	var m gather
	seen := newStamps(g.Len())
	seen.next()
	start := descend(g, &m, from, 0)
	var queue []*entry // nearest first, then first seen
	offer := func(id int32) {
		visited = append(visited, id)
		seen.add(id)
		value := make([]float32, 1)
		from.values([]int32{id}, value)
		if len(queue) == ef && value[0] >= queue[ef-1].value {
			return
		}
		at := len(queue)
		for at > 0 && queue[at-1].value > value[0] {
			at--
		}
		queue = slices.Insert(queue, at, &entry{value: value[0], id: id})
		queue = queue[:min(ef, len(queue))]
	}
	offer(int32(uint32(start)))
	for {
		i := slices.IndexFunc(queue, func(e *entry) bool { return !e.expanded })
		if i < 0 {
			return visited
		}
		queue[i].expanded = true
		for _, id := range g.Links(queue[i].id, 0) {
			if !seen.has(id) {
				offer(id)
			}
		}
	}
}

// On data with ties and duplicates, one bounded walk contains the searches with queues of all sizes. n = 1,200 points of
// zeros and ones in 9 dimensions: at most 512 are distinct.
func TestOneBoundedWalkHoldsEveryQueue(t *testing.T) {
	v := zerosAndOnes(1200, 9)
	for _, insertion := range allInsertions {
		g := build(t, OnVectors(v), Options{M: 6, EfConstruction: 40, Insertion: insertion, Seed: 2})
		w, err := NewBoundedWalker(g, OnVectors(v))
		if err != nil {
			t.Fatal(err)
		}
		for q := int32(0); q < 1200; q += 60 {
			walk, err := w.Walk(ann.PointID(q), 300)
			if err != nil {
				t.Fatal(err)
			}
			for ef := 1; ef <= 300; ef += 1 + ef/5 {
				want := queueSearch(g, OnVectors(v).from(q, nil), ef)
				got := make([]int32, walk.Visited(ef))
				for i := range got {
					got[i], _ = walk.At(i)
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%v, query %d, efSearch %d: the walk visits %d nodes, the search %d", insertion, q, ef, len(got), len(want))
				}
			}
		}
	}
}

// AsFAISS115Shuffled gives the graph of AsFAISS115 on shuffled rows. n = 900 points of zeros and ones in 9 dimensions, M = 6.
func TestShuffledIsTheGraphOfShuffledRows(t *testing.T) {
	v := zerosAndOnes(900, 9)
	o := Options{M: 6, EfConstruction: 60, Insertion: AsFAISS115Shuffled, Seed: 8}
	shuffled := build(t, OnVectors(v), o)
	rows := o.Insertion.plan(rand.New(rand.NewPCG(o.Seed, 0)), OnVectors(v), o.M).rows
	moved, err := v.Subset(rows)
	if err != nil {
		t.Fatal(err)
	}
	o.Insertion = AsFAISS115
	file := build(t, OnVectors(moved), o)
	for at, row := range rows {
		for level := range file.Level(int32(at)) + 1 {
			var want []int32
			for _, to := range file.Links(int32(at), level) {
				want = append(want, rows[to])
			}
			if got := shuffled.Links(row, level); !slices.Equal(got, want) {
				t.Fatalf("row %d, level %d: links %v, want %v", row, level, got, want)
			}
		}
	}
}

// zerosAndOnes returns n random points of zeros and ones.
func zerosAndOnes(n, d int) ann.Vectors {
	rng := rand.New(rand.NewPCG(6, 0))
	v := ann.Vectors{N: n, D: d, Data: make([]float32, n*d)}
	for i := range v.Data {
		v.Data[i] = float32(rng.IntN(2))
	}
	return v
}

// Query 0 and nodes 1 … 5 are equal; 6 and 7 are farther.
func TestEffortsWithin(t *testing.T) {
	v := ann.Vectors{N: 8, D: 1, Data: []float32{0, 0, 0, 0, 0, 0, 1, 2}}
	g := build(t, OnVectors(v), Options{M: 8})
	w, err := NewBoundedWalker(g, OnVectors(v))
	if err != nil {
		t.Fatal(err)
	}
	radius, err := w.Radius(ann.PointID(0), []int32{1, 2, 6})
	if err != nil || math.Abs(float64(radius)-1) > 1e-6 {
		t.Fatalf("radius %v, %v", radius, err)
	}
	walk, err := w.Walk(ann.PointID(0), 8)
	if err != nil || !walk.Exhausted {
		t.Fatalf("%+v, %v", walk, err)
	}
	efforts := make([]int32, 8)
	walk.EffortsWithin(radius, efforts)
	if fmt.Sprint(efforts[6:]) != fmt.Sprint([]int32{Unseen, Unseen}) || efforts[5] == Unseen || !slices.IsSorted(efforts) {
		t.Errorf("six of seven others are within 1: %v", efforts)
	}
	if n, err := w.CountWithin(ann.PointID(0), []int32{0, 1, 5, 6, 7}, radius, 10); n != 3 || err != nil {
		t.Errorf("%d of 1, 5 and 6 are within 1; %v", n, err)
	}
}
