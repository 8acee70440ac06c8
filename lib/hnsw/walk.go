package hnsw

import (
	"fmt"
	"math"
	"sort"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/rank"
)

// Walker performs walks over a graph, one query at a time. It holds the scratch space of a walk and is not safe for
// concurrent use.
type Walker struct {
	g      *Graph
	space  Space
	gather gather
	walk   Walk

	pool pool // of a walk to an effort of at most maxPool that excludes no node

	frontier minHeap  // of another walk: seen, not expanded
	expanded []uint64 // ascending
}

// NewWalker returns a Walker over g. Node i of g must be point i of the space.
func NewWalker(g *Graph, space Space) (*Walker, error) {
	if err := checkSpace(g, space); err != nil {
		return nil, err
	}
	w := &Walker{g: g, space: space}
	w.walk.metric, w.walk.scale = space.metric(), space.scale()
	w.walk.seen = newStamps(g.Len())
	w.walk.effort = make([]int32, g.Len())
	return w, nil
}

// checkSpace returns an error unless node i of g can be point i of the space.
func checkSpace(g *Graph, space Space) error {
	if g.Len() != space.Len() {
		return fmt.Errorf("hnsw: the graph has %d nodes, but the space has %d points", g.Len(), space.Len())
	}
	return space.check()
}

// NewBoundedWalker is like NewWalker, but its walks handle ties as the bounded queues of FAISS and hnswlib do. These queues
// hold efSearch nodes and reject a node that is not nearer than the farthest of them. A walk of NewWalker expands every
// node that is as near as the last of the efSearch nearest. A walk of NewBoundedWalker ranks equally distant nodes by the
// order in which they are seen, and so do its answers. This is what the queues do if efSearch is at least the number of
// answers. Without ties the walks are the same.
func NewBoundedWalker(g *Graph, space Space) (*Walker, error) {
	w, err := NewWalker(g, space)
	if err == nil {
		w.walk.bounded = true
	}
	return w, err
}

// Walk holds the nodes that the search for one query visits on level 0, in the order of visiting, and their efforts.
// The effort of a node v is the smallest efSearch whose search visits v. A best-first search bounded by efSearch = e stops
// when the e nearest nodes seen are all expanded. The searches for e = 1, 2, 3 … are therefore prefixes of one another, and
//
//	effort(v) = running maximum, over the expansions before v is seen, of 1 + #{expanded nodes nearer than the one expanded}
//
// If the query is an indexed point, it is a node like any other: the engine visits it, and it counts towards efSearch.
type Walk struct {
	MaxEffort int  // the walk contains every search with efSearch ≤ MaxEffort
	Exhausted bool // no search with a larger efSearch visits more nodes

	self    int32 // ID of the query, or noLink
	bounded bool  // equally distant nodes are ranked in the order in which they are seen
	metric  ann.Metric
	scale   float64 // scale of the space
	keys    []uint64
	efforts []int32 // of keys; non-decreasing
	seen    stamps
	effort  []int32 // by ID, for nodes in seen

	excluded []bool // by ID, see Walker.Exclude; nil means none
	ranked   []uint64
}

// Walk performs the search with efSearch = maxEffort. The next call overwrites the result.
func (w *Walker) Walk(query ann.Query, maxEffort int) (*Walk, error) {
	if maxEffort < 1 {
		return nil, fmt.Errorf("hnsw: efSearch = %d: must be at least 1", maxEffort)
	}
	from, self, err := sourceOf(w.space, query)
	if err != nil {
		return nil, err
	}
	w.run(from, self, maxEffort)
	return &w.walk, nil
}

// sourceOf returns the source of values relative to the query, and the ID of the query, or noLink if it is not indexed.
func sourceOf(space Space, query ann.Query) (source, int32, error) {
	if id, ok := query.Self(); ok {
		if int(id) >= space.Len() {
			return nil, noLink, fmt.Errorf("hnsw: query point %d is out of range: the graph has %d nodes", id, space.Len())
		}
		return space.from(id, nil), id, nil
	}
	from, err := space.fromVector(query.Vector)
	return from, noLink, err
}

func (w *Walker) run(from source, self int32, maxEffort int) {
	walk := &w.walk
	walk.MaxEffort, walk.Exhausted, walk.self = maxEffort, false, self
	walk.keys, walk.efforts = walk.keys[:0], walk.efforts[:0]
	walk.seen.next()
	start := descend(w.g, &w.gather, from, 0)
	walk.seen.add(rank.ID(start))
	if walk.excluded != nil || maxEffort > maxPool {
		w.runOnHeap(from, start)
		return
	}
	w.pool.reset(maxEffort)
	w.visit(start, 1)
	w.pool.add(w.entry(start, 0))
	effort := int32(1)
	for next, ok := w.pool.expand(); ok; next, ok = w.pool.expand() {
		nearer := w.pool.nearer()
		if walk.bounded {
			next, nearer = rank.ID(walk.keys[next]), w.pool.next
		}
		if effort = max(effort, int32(1+nearer)); int(effort) > maxEffort {
			return
		}
		ids, values := w.gather.unseen(w.g.slots(next, 0), from, &walk.seen)
		for i, id := range ids {
			key := rank.Key(values[i], id)
			if w.pool.wantsTie(values[i]) {
				w.pool.add(w.entry(key, len(walk.keys)))
			}
			w.visit(key, effort)
		}
	}
	walk.Exhausted = len(walk.keys) == len(w.pool.entries)
}

// entry returns what the pool holds for a key: in a bounded walk, the value and the place in the order of visiting.
func (w *Walker) entry(key uint64, place int) uint64 {
	if w.walk.bounded {
		return rank.Key(rank.Value(key), int32(place))
	}
	return key
}

// visit adds a node that is seen for the first time to the walk.
func (w *Walker) visit(key uint64, effort int32) {
	w.walk.keys = append(w.walk.keys, key)
	w.walk.efforts = append(w.walk.efforts, effort)
	w.walk.effort[rank.ID(key)] = effort
}

// Effort returns the smallest efSearch whose search visits the node; ok is false if it exceeds MaxEffort.
func (w *Walk) Effort(id int32) (effort int, ok bool) {
	if !w.seen.has(id) {
		return 0, false
	}
	return int(w.effort[id]), true
}

// distance returns the distance under the metric for a value that nodes are ordered by.
func distance(metric ann.Metric, scale float64, value float32) float32 {
	unscaled := float64(value) / (scale * scale)
	switch metric {
	case ann.Cosine:
		return value / 2
	case ann.InnerProduct:
		return float32(unscaled)
	}
	return float32(math.Sqrt(unscaled))
}

// Visited returns the number of nodes that a search with efSearch = ef visits, including the query's own node. They are the
// first nodes of the walk. Visited panics if ef exceeds MaxEffort.
func (w *Walk) Visited(ef int) int {
	if ef > w.MaxEffort {
		panic(fmt.Sprintf("hnsw: efSearch = %d exceeds the walk's MaxEffort of %d", ef, w.MaxEffort))
	}
	return sort.Search(len(w.efforts), func(i int) bool { return int(w.efforts[i]) > ef })
}

// At returns the i-th node visited and its value: the squared L2 distance to the query (of unit vectors for the cosine), or
// the negated inner product. For vectors that ann.CheckRange rejects, the value is multiplied by a power of two.
func (w *Walk) At(i int) (id int32, value float32) {
	return rank.ID(w.keys[i]), rank.Value(w.keys[i])
}

// Capacity returns the number of nodes other than the query that a search with efSearch = ef visits. If k is larger, an
// engine that answers from these nodes alone leaves slots empty. Excluded nodes do not count. Capacity panics if ef exceeds
// MaxEffort.
func (w *Walk) Capacity(ef int) int {
	n := w.Visited(ef)
	if w.excluded != nil {
		visited := n
		for _, key := range w.keys[:visited] {
			if w.excluded[rank.ID(key)] {
				n--
			}
		}
	}
	if w.self != noLink && !w.isExcluded(w.self) && w.seen.has(w.self) && int(w.effort[w.self]) <= ef {
		n--
	}
	return n
}

func (w *Walk) isExcluded(id int32) bool { return w.excluded != nil && w.excluded[id] }

// Ranked appends the visited nodes, nearest first, to ids, and their efforts to efforts. The query and excluded nodes are left
// out. The answer of an engine whose search has efSearch = ef consists of the first nodes whose effort is at most ef.
func (w *Walk) Ranked(ids, efforts []int32) (rankedIDs, rankedEfforts []int32) {
	w.ranked = w.sort(append(w.ranked[:0], w.keys...))
	for _, key := range w.ranked {
		if id := rank.ID(key); id != w.self && !w.isExcluded(id) {
			ids, efforts = append(ids, id), append(efforts, w.effort[id])
		}
	}
	return ids, efforts
}

// Unseen is the effort of a node that the walk did not visit. It is larger than any efSearch.
const Unseen = math.MaxInt32

// Efforts sets out[i] to the effort of ids[i], or to Unseen if the walk did not visit it.
func (w *Walk) Efforts(ids, out []int32) {
	for i, id := range ids {
		out[i] = Unseen
		if w.seen.has(id) {
			out[i] = w.effort[id]
		}
	}
}
