package hnsw

import (
	"cmp"
	"slices"

	"anncapacity/lib/internal/rank"
)

// inserter holds the scratch space of one worker that inserts nodes.
type inserter struct {
	space Space
	g     *Graph
	seen  stamps

	position []int32 // by ID: place among the rows in the order in which the engine receives them; nil for AsFAISS, which orders ties by ID

	frontier minHeap // C in Algorithm 2: seen, not expanded
	nearest  maxHeap // W in Algorithm 2: the efConstruction nearest seen
	gather   gather
	sorted   []uint64 // candidates, nearest first
	kept     []int32

	open, near faissHeap // frontier and nearest as FAISS keeps them
}

// link performs Algorithm 1 without the links back. It writes the links of id, on all levels that the graph has so far,
// to nodes of the graph and to earlier, the nodes that precede id in its batch.
func (w *inserter) link(id int32, earlier []int32) {
	from := w.space.from(id)
	top := min(w.g.Level(id), w.g.Level(w.g.entryPoint))
	start := descend(w.g, &w.gather, from, top)
	for level := top; level >= 0; level-- {
		nearest := w.search(from, start, level)
		w.add(from, earlier, level)
		w.sort()
		slots := w.g.slots(id, level)
		room := len(slots)
		if w.position != nil {
			room, start = w.g.options.M, nearest
			w.latestFirst()
		}
		copy(slots, w.choose(room))
	}
}

// latestFirst sorts w.sorted by value and orders ties by row, the last row first.
func (w *inserter) latestFirst() {
	w.sortTies(func(a, b int32) int { return cmp.Compare(b, a) })
}

// earliestFirst sorts w.sorted by value and orders ties by row, the first row first.
func (w *inserter) earliestFirst() { w.sortTies(cmp.Compare[int32]) }

func (w *inserter) sortTies(compare func(a, b int32) int) {
	slices.SortFunc(w.sorted, func(a, b uint64) int {
		return cmp.Or(cmp.Compare(rank.Value(a), rank.Value(b)), compare(w.position[rank.ID(a)], w.position[rank.ID(b)]))
	})
}

// search searches a level (Algorithm 2). It leaves the efConstruction nearest nodes found in w.nearest and returns the
// key of the nearest.
func (w *inserter) search(from source, start uint64, level int) (nearest uint64) {
	nearest = start
	w.seen.next()
	w.frontier = w.frontier[:0]
	w.nearest.reset()
	w.seen.add(rank.ID(start))
	w.frontier.push(start)
	w.nearest.push(start)
	for len(w.frontier) > 0 {
		current := w.frontier.pop()
		if rank.Less(w.nearest.top(), current) {
			break
		}
		for _, next := range w.gather.unseen(w.g.slots(rank.ID(current), level), from, &w.seen) {
			if w.offer(next) {
				w.frontier.push(next)
				nearest = min(nearest, next)
			}
		}
	}
	return nearest
}

// offer adds a candidate to w.nearest if it is among the efConstruction nearest so far, and reports whether it is.
func (w *inserter) offer(next uint64) bool {
	ef := w.g.options.EfConstruction
	if w.nearest.len() >= ef && !rank.Less(next, w.nearest.top()) {
		return false
	}
	w.nearest.push(next)
	if w.nearest.len() > ef {
		w.nearest.pop()
	}
	return true
}

// add offers those of the given nodes that are on the level. No links lead to these nodes yet.
func (w *inserter) add(from source, ids []int32, level int) {
	w.gather.ids = w.gather.ids[:0]
	for _, id := range ids {
		if w.g.Level(id) >= level {
			w.gather.ids = append(w.gather.ids, id)
		}
	}
	for _, next := range w.gather.compute(from) {
		w.offer(next)
	}
}

// sort moves the keys of w.nearest to w.sorted, nearest first.
func (w *inserter) sort() {
	w.sorted = w.sorted[:0]
	for w.nearest.len() > 0 {
		w.sorted = append(w.sorted, w.nearest.pop())
	}
	slices.Reverse(w.sorted)
}

// linkBack adds a link to a node. It appends the link if there is room, and otherwise selects among the old links and the
// new one.
func (w *inserter) linkBack(from, to int32, level int) {
	slots := w.g.slots(from, level)
	if i := slices.Index(slots, noLink); i >= 0 {
		slots[i] = to
		return
	}
	w.gather.ids = append(append(w.gather.ids[:0], slots...), to)
	w.reselect(from, slots, len(slots))
}

// reselect replaces a list of links by at most room nodes selected from w.gather.ids.
func (w *inserter) reselect(from int32, slots []int32, room int) {
	w.sorted = append(w.sorted[:0], w.gather.compute(w.space.from(from))...)
	switch {
	case w.position == nil:
		slices.Sort(w.sorted)
	case w.g.options.Insertion.snapshots():
		w.earliestFirst()
	default:
		w.latestFirst()
	}
	n := copy(slots, w.selectHeuristic(room))
	for i := n; i < len(slots); i++ {
		slots[i] = noLink
	}
}

// choose returns the candidates in w.sorted that a new node is linked to, by the rule of Options.Selection.
func (w *inserter) choose(room int) []int32 {
	if w.g.options.Selection == SelectWhenFull && len(w.sorted) < room {
		w.kept = w.kept[:0]
		for _, c := range w.sorted {
			w.kept = append(w.kept, rank.ID(c))
		}
		return w.kept
	}
	return w.selectHeuristic(room)
}

// selectHeuristic performs Algorithm 4 without its two extensions and returns at most room of the candidates in w.sorted.
// In the order of w.sorted, it keeps a candidate if no kept one is nearer to the candidate than the node that the links
// belong to.
func (w *inserter) selectHeuristic(room int) []int32 {
	w.kept = w.kept[:0]
	for _, c := range w.sorted {
		if !w.space.anyNearer(rank.ID(c), w.kept, rank.Value(c)) {
			w.kept = append(w.kept, rank.ID(c))
			if len(w.kept) == room {
				break
			}
		}
	}
	return w.kept
}
