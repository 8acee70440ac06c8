package hnsw

import (
	"cmp"
	"slices"

	"anncapacity/lib/internal/rank"
)

// inserter holds the scratch space of one worker that inserts nodes.
type inserter struct {
	space Space
	from  source // of w.space
	explorer

	position []int32 // by ID: place among the rows in the order in which the engine receives them; nil for AsFAISS, which orders ties by ID

	sorted   []uint64 // candidates, nearest first
	kept     []int32
	fresh    []int32 // those of kept that were not links before
	incoming []int32 // nodes of a batch that link to one node

	// diverse holds, by ID, the number of links on level 0, counted from the first, that the heuristic has selected
	// together. All inserters share it. Of such links, none excludes another when they are selected again.
	diverse []uint16

	open, near faissHeap // frontier and nearest as FAISS keeps them
}

// link performs Algorithm 1 without the links back. It writes the links of id, on all levels that the graph has so far,
// to nodes of the graph and to earlier, the nodes that precede id in its batch.
func (w *inserter) link(id int32, earlier []int32) {
	w.from = w.space.from(id, w.from)
	from := w.from
	top := min(w.g.Level(id), w.g.Level(w.g.entryPoint))
	start := descend(w.g, &w.gather, from, top)
	for level := top; level >= 0; level-- {
		nearest := w.search(from, start, level)
		w.add(from, earlier, level)
		w.sorted = w.pool.keys(w.sorted[:0])
		slots := w.g.slots(id, level)
		room := len(slots)
		if w.position != nil {
			room, start = w.g.options.M, nearest
			w.latestFirst()
		}
		n := copy(slots, w.choose(room))
		if level == 0 && len(w.sorted) > n {
			w.diverse[id] = uint16(n)
		}
	}
}

// latestFirst sorts w.sorted by value and orders ties by row, the last row first.
func (w *inserter) latestFirst() {
	w.sortTies(func(a, b int32) int { return cmp.Compare(b, a) })
}

// earliestFirst sorts w.sorted by value and orders ties by row, the first row first.
func (w *inserter) earliestFirst() { w.sortTies(cmp.Compare[int32]) }

func (w *inserter) sortTies(compare func(a, b int32) int) {
	slices.Sort(w.sorted)
	for first := 0; first < len(w.sorted); {
		last := first + 1
		for last < len(w.sorted) && !rank.Less(w.sorted[first], w.sorted[last]) {
			last++
		}
		if last-first > 1 {
			slices.SortFunc(w.sorted[first:last], func(a, b uint64) int { return compare(w.position[rank.ID(a)], w.position[rank.ID(b)]) })
		}
		first = last
	}
}

// search searches a level (Algorithm 2). It leaves the efConstruction nearest nodes found in w.pool and returns the key of
// the nearest.
func (w *inserter) search(from source, start uint64, level int) (nearest uint64) {
	w.explore(from, start, level, w.g.options.EfConstruction, false)
	return keyOf(w.pool.entries[0])
}

// offer adds those nodes to w.pool that are nearer than the last of the efConstruction nearest so far.
func (w *inserter) offer(ids []int32, values []float32) {
	for i, value := range values {
		if w.pool.wants(value) {
			w.pool.add(rank.Key(value, ids[i]))
		}
	}
}

// add offers those of the given nodes that are on the level. No links lead to these nodes yet.
func (w *inserter) add(from source, ids []int32, level int) {
	w.gather.ids = w.gather.ids[:0]
	for _, id := range ids {
		if w.g.Level(id) >= level {
			w.gather.ids = append(w.gather.ids, id)
		}
	}
	w.offer(w.gather.ids, w.gather.measure(from))
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
	w.reselectLevel(from, slots, len(slots), level)
}

// reselectLevel calls reselect for the links of a node on a level, and keeps w.diverse.
func (w *inserter) reselectLevel(from int32, slots []int32, room, level int) {
	if level > 0 {
		w.reselect(from, slots, room, 0)
		return
	}
	w.diverse[from] = uint16(w.reselect(from, slots, room, int(w.diverse[from])))
}

// reselect replaces a list of links by at most room nodes selected from w.gather.ids. The first of these, as many as
// selected, were selected together before. reselect returns the number of links.
func (w *inserter) reselect(from int32, slots []int32, room, selected int) (n int) {
	w.seen.next()
	for _, id := range w.gather.ids[:selected] {
		w.seen.add(id)
	}
	w.from = w.space.from(from, w.from)
	w.sorted = append(w.sorted[:0], w.gather.compute(w.from)...)
	switch {
	case w.position == nil:
		slices.Sort(w.sorted)
	case w.g.options.Insertion.snapshots():
		w.earliestFirst()
	default:
		w.latestFirst()
	}
	n = copy(slots, w.selectAgain(room))
	for i := n; i < len(slots); i++ {
		slots[i] = noLink
	}
	return n
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

// selectAgain is selectHeuristic for candidates of which those in w.seen were selected together before. It gives the same
// result, without comparing these with one another.
func (w *inserter) selectAgain(room int) []int32 {
	w.kept, w.fresh = w.kept[:0], w.fresh[:0]
	for _, c := range w.sorted {
		id, old := rank.ID(c), w.seen.has(rank.ID(c))
		rivals := w.kept
		if old {
			rivals = w.fresh
		}
		if len(rivals) > 0 && w.space.anyNearer(id, rivals, rank.Value(c)) {
			continue
		}
		w.kept = append(w.kept, id)
		if !old {
			w.fresh = append(w.fresh, id)
		}
		if len(w.kept) == room {
			break
		}
	}
	return w.kept
}
