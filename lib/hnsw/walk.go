package hnsw

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rank"
)

// Walker walks a graph for one query after another. It holds the scratch of a walk, so each goroutine needs its
// own.
type Walker struct {
	g        *Graph
	space    Space
	frontier minHeap  // seen, not expanded
	expanded []uint64 // ascending
	measure  gather
	walk     Walk
}

// NewWalker prepares walks over g, whose node i is point i of the space.
func NewWalker(g *Graph, space Space) (*Walker, error) {
	if g.Len() != space.Len() {
		return nil, fmt.Errorf("hnsw: a graph of %d nodes and a space of %d points", g.Len(), space.Len())
	}
	if err := space.check(); err != nil {
		return nil, err
	}
	w := &Walker{g: g, space: space}
	w.walk.metric, w.walk.scale = space.metric(), space.scale()
	w.walk.seen = newStamps(g.Len())
	w.walk.effort = make([]int32, g.Len())
	return w, nil
}

// NewBoundedWalker is NewWalker for walks on data with ties or duplicates. The queues of FAISS and hnswlib hold efSearch nodes and turn away a
// node that is no nearer than all of them. A walk of NewWalker expands every node that is as near as the last of the efSearch; one of
// NewBoundedWalker counts, of nodes equally far, those seen first as the nearer, as these queues do when efSearch is at least the number of
// answers, and so do its answers. Without ties the walks are the same.
func NewBoundedWalker(g *Graph, space Space) (*Walker, error) {
	w, err := NewWalker(g, space)
	if err == nil {
		w.walk.bounded = true
	}
	return w, err
}

// Walk is what one query visits on level 0, in the order of visiting. effort(v) is the smallest efSearch whose
// search visits v. A best-first search bounded by efSearch = e stops when the e nearest nodes seen are all
// expanded, so the searches for e = 1, 2, 3 … are prefixes of one another, and
//
//	effort(v) = running maximum, over the expansions before v is seen, of 1 + #{expanded nodes nearer than the one expanded}
//
// The query itself, if it is an indexed point, is a node like any other here: the engine visits it, and it takes
// its place in efSearch.
type Walk struct {
	MaxEffort int  // the walk holds every search with efSearch ≤ MaxEffort
	Exhausted bool // no search visits more, however large its efSearch

	self    int32 // the query's own ID, or noLink
	bounded bool  // of nodes equally far, those seen first are the nearer
	metric  ann.Metric
	scale   float64 // the space's
	keys    []uint64
	efforts []int32 // of keys; never descending
	seen    stamps
	effort  []int32 // by ID, for nodes in seen
}

// Walk visits what a search with efSearch = maxEffort visits. The result is overwritten by the next call.
func (w *Walker) Walk(query ann.Query, maxEffort int) (*Walk, error) {
	if maxEffort < 1 {
		return nil, fmt.Errorf("hnsw: efSearch = %d: must be at least 1", maxEffort)
	}
	from, self, err := w.source(query)
	if err != nil {
		return nil, err
	}
	w.run(from, self, maxEffort)
	return &w.walk, nil
}

// source is where distances are measured from.
func (w *Walker) source(query ann.Query) (source, int32, error) {
	if id, ok := query.Self(); ok {
		if int(id) >= w.g.Len() {
			return nil, noLink, fmt.Errorf("hnsw: query is point %d of %d", id, w.g.Len())
		}
		return w.space.from(id), id, nil
	}
	from, err := w.space.fromVector(query.Vector)
	return from, noLink, err
}

func (w *Walker) run(from source, self int32, maxEffort int) {
	walk := &w.walk
	walk.MaxEffort, walk.Exhausted, walk.self = maxEffort, false, self
	walk.keys, walk.efforts = walk.keys[:0], walk.efforts[:0]
	walk.seen.next()
	w.frontier, w.expanded = w.frontier[:0], w.expanded[:0]

	start := descend(w.g, &w.measure, from, 0)
	walk.seen.add(rank.ID(start))
	w.visit(start, 1)
	effort := int32(1)
	for len(w.frontier) > 0 {
		current := w.frontier.pop()
		effort = max(effort, int32(1+w.expandedNearer(current)))
		if int(effort) > maxEffort {
			return
		}
		w.expand(current)
		for _, next := range w.measure.unseen(w.g.slots(w.node(current), 0), from, &walk.seen) {
			w.visit(next, effort)
		}
	}
	walk.Exhausted = true
}

// visit notes a node that is seen for the first time.
func (w *Walker) visit(key uint64, effort int32) {
	if w.walk.bounded {
		w.frontier.push(rank.Key(rank.Value(key), int32(len(w.walk.keys))))
	} else {
		w.frontier.push(key)
	}
	w.walk.keys = append(w.walk.keys, key)
	w.walk.efforts = append(w.walk.efforts, effort)
	w.walk.effort[rank.ID(key)] = effort
}

// node is the ID of an entry of the frontier; those of a bounded walk hold the node's place in the order of visiting.
func (w *Walker) node(entry uint64) int32 {
	if w.walk.bounded {
		return rank.ID(w.walk.keys[rank.ID(entry)])
	}
	return rank.ID(entry)
}

// expandedNearer counts the expanded nodes nearer than the given one: strictly, or in a bounded walk by value and order of visiting.
func (w *Walker) expandedNearer(current uint64) int {
	limit := rank.Key(rank.Value(current), 0)
	if w.walk.bounded {
		limit = current
	}
	n := len(w.expanded)
	if n == 0 || w.expanded[n-1] < limit { // the common case: the walk moves outwards
		return n
	}
	i, _ := slices.BinarySearch(w.expanded, limit)
	return i
}

func (w *Walker) expand(current uint64) {
	n := len(w.expanded)
	if n == 0 || w.expanded[n-1] < current {
		w.expanded = append(w.expanded, current)
		return
	}
	i, _ := slices.BinarySearch(w.expanded, current)
	w.expanded = slices.Insert(w.expanded, i, current)
}

// Effort is the smallest efSearch whose search visits the node; ok is false when that is more than MaxEffort.
func (w *Walk) Effort(id int32) (effort int, ok bool) {
	if !w.seen.has(id) {
		return 0, false
	}
	return int(w.effort[id]), true
}

// distance is the metric's, of a value that nodes are ordered by.
func (w *Walk) distance(value float32) float32 {
	truly := float64(value) / (w.scale * w.scale)
	switch w.metric {
	case ann.Cosine:
		return value / 2
	case ann.InnerProduct:
		return float32(truly)
	}
	return float32(math.Sqrt(truly))
}

// Visited is the number of nodes that a search with efSearch = ef visits, the query's own among them: the first so
// many of the walk. ef must not exceed MaxEffort.
func (w *Walk) Visited(ef int) int {
	w.mustHold(ef)
	return sort.Search(len(w.efforts), func(i int) bool { return int(w.efforts[i]) > ef })
}

// At is the i-th node visited and what orders it: its squared L2 distance to the query, on unit vectors under the cosine,
// or the negated inner product; of vectors that ann.CheckRange refuses, times a power of two.
func (w *Walk) At(i int) (id int32, value float32) {
	return rank.ID(w.keys[i]), rank.Value(w.keys[i])
}

// Capacity is the number of nodes other than the query that a search with efSearch = ef visits: an engine that
// answers from them alone leaves slots empty when k is larger. ef must not exceed MaxEffort.
func (w *Walk) Capacity(ef int) int {
	n := w.Visited(ef)
	if w.self != noLink && w.seen.has(w.self) && int(w.effort[w.self]) <= ef {
		n--
	}
	return n
}

// mustHold panics when the walk was not run far enough: the caller chose both numbers.
func (w *Walk) mustHold(ef int) {
	if ef > w.MaxEffort {
		panic(fmt.Sprintf("hnsw: efSearch %d asked of a walk to %d", ef, w.MaxEffort))
	}
}

// Unseen is the effort of a node that the walk did not visit: more than any efSearch.
const Unseen = math.MaxInt32

// Efforts sets out[i] to the effort of ids[i], or to Unseen.
func (w *Walk) Efforts(ids, out []int32) {
	for i, id := range ids {
		out[i] = Unseen
		if w.seen.has(id) {
			out[i] = w.effort[id]
		}
	}
}
