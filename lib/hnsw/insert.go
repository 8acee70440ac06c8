package hnsw

import (
	"cmp"
	"slices"

	"anncapacity/lib/internal/rank"
)

// inserter is the scratch of one core that inserts nodes.
type inserter struct {
	space Space
	g     *Graph
	seen  stamps

	position []int32 // by ID, among the rows that the engine is given; nil for AsFAISS, where ties go by ID

	frontier minHeap // C in Algorithm 2: seen, not expanded
	nearest  maxHeap // W in Algorithm 2: the efConstruction nearest seen
	measure  gather
	sorted   []uint64 // candidates, nearest first
	kept     []int32

	open, near faissHeap // frontier and nearest as FAISS keeps them
}

// link is Algorithm 1 but for the links back: it writes the links of id, on all levels that the graph has so far, to nodes of the graph
// and to mates, which are inserted just before it.
func (w *inserter) link(id int32, mates []int32) {
	from := w.space.from(id)
	top := min(w.g.Level(id), w.g.Level(w.g.entryPoint))
	start := descend(w.g, &w.measure, from, top)
	for level := top; level >= 0; level-- {
		nearest := w.search(from, start, level)
		w.add(from, mates, level)
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

// latestFirst orders those of w.sorted that are equally far by their row, the latest first, and earliestFirst the other way.
func (w *inserter) latestFirst() {
	w.sortTies(func(a, b int32) int { return cmp.Compare(b, a) })
}

func (w *inserter) earliestFirst() { w.sortTies(cmp.Compare[int32]) }

func (w *inserter) sortTies(compare func(a, b int32) int) {
	slices.SortFunc(w.sorted, func(a, b uint64) int {
		return cmp.Or(cmp.Compare(rank.Value(a), rank.Value(b)), compare(w.position[rank.ID(a)], w.position[rank.ID(b)]))
	})
}

// search leaves in w.nearest the efConstruction nearest found on a level (Algorithm 2), and returns the nearest.
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
		for _, next := range w.measure.unseen(w.g.slots(rank.ID(current), level), from, &w.seen) {
			if w.offer(next) {
				w.frontier.push(next)
				nearest = min(nearest, next)
			}
		}
	}
	return nearest
}

// offer takes a candidate that is among the efConstruction nearest so far.
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

// add offers those of the nodes, to which the graph does not lead yet, that are on the level.
func (w *inserter) add(from source, ids []int32, level int) {
	w.measure.ids = w.measure.ids[:0]
	for _, id := range ids {
		if w.g.Level(id) >= level {
			w.measure.ids = append(w.measure.ids, id)
		}
	}
	for _, next := range w.measure.measure(from) {
		w.offer(next)
	}
}

// sort empties w.nearest into w.sorted.
func (w *inserter) sort() {
	w.sorted = w.sorted[:0]
	for w.nearest.len() > 0 {
		w.sorted = append(w.sorted, w.nearest.pop())
	}
	slices.Reverse(w.sorted)
}

// linkBack appends a link while there is room, and re-selects among the old links and the new one when there is
// none.
func (w *inserter) linkBack(from, to int32, level int) {
	slots := w.g.slots(from, level)
	if i := slices.Index(slots, noLink); i >= 0 {
		slots[i] = to
		return
	}
	w.measure.ids = append(append(w.measure.ids[:0], slots...), to)
	w.reselect(from, slots, len(slots))
}

// reselect fills a list of links with at most room of w.measure.ids.
func (w *inserter) reselect(from int32, slots []int32, room int) {
	w.sorted = append(w.sorted[:0], w.measure.measure(w.space.from(from))...)
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

// choose is the selection that a new node's candidates go through.
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

// selectHeuristic is Algorithm 4 without its two extensions: nearest first, a candidate of w.sorted is kept when
// no kept one is nearer to it than the node that the links are for; at most room are kept.
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
