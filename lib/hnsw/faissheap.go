package hnsw

import (
	"cmp"
	"slices"

	"anncapacity/lib/internal/rank"
)

// faissHeap is a binary heap that orders keys by value alone, as FAISS's priority queues do. It returns keys of equal
// value in the same order as the heap of the C++ standard library in FAISS's Linux packages. This order determines which
// of several equal points a node is linked to.
type faissHeap struct {
	keys   []uint64
	before func(a, b uint64) bool // a leaves the heap before b
}

func farthestFirst(a, b uint64) bool { return rank.Less(b, a) }

func (h *faissHeap) push(key uint64) {
	h.keys = append(h.keys, key)
	h.up(len(h.keys)-1, key)
}

// up moves the hole towards the top, past the keys that leave the heap after key, and stores key in it.
func (h *faissHeap) up(hole int, key uint64) {
	for hole > 0 && h.before(key, h.keys[(hole-1)/2]) {
		h.keys[hole] = h.keys[(hole-1)/2]
		hole = (hole - 1) / 2
	}
	h.keys[hole] = key
}

// pop removes and returns the top key. It moves the hole from the top down to a leaf, filling it with the child that leaves
// first, or with the second of two equal children. Then it moves the last key up from that leaf.
func (h *faissHeap) pop() uint64 {
	top, last := h.keys[0], h.keys[len(h.keys)-1]
	h.keys = h.keys[:len(h.keys)-1]
	n, hole := len(h.keys), 0
	if n == 0 {
		return top
	}
	for 2*hole+1 < n {
		child := min(2*hole+2, n-1)
		if child == 2*hole+2 && h.before(h.keys[child-1], h.keys[child]) {
			child--
		}
		h.keys[hole] = h.keys[child]
		hole = child
	}
	h.up(hole, last)
	return top
}

// linkAsFAISS is like link, but follows FAISS 1.15: the points of the batch do not see one another, and equal candidates
// are selected in FAISS's order.
func (w *inserter) linkAsFAISS(id int32) {
	w.from = w.space.from(id, w.from)
	from := w.from
	start := descend(w.g, &w.gather, from, w.g.Level(id))
	for level := w.g.Level(id); level >= 0; level-- {
		w.searchAsFAISS(from, start, level)
		slots := w.g.slots(id, level)
		if len(w.near.keys) >= len(slots) {
			w.selectAsFAISS(len(slots))
		}
		for i := 0; len(w.near.keys) > 0; i++ {
			slots[i] = rank.ID(w.near.pop())
		}
	}
}

// searchAsFAISS is like search, but uses FAISS's queues and leaves the nearest nodes in w.near.
func (w *inserter) searchAsFAISS(from source, start uint64, level int) {
	w.seen.next()
	w.near = faissHeap{w.near.keys[:0], farthestFirst}
	w.open = faissHeap{w.open.keys[:0], rank.Less}
	w.seen.add(rank.ID(start))
	w.near.push(start)
	w.open.push(start)
	for len(w.open.keys) > 0 && !rank.Less(w.near.keys[0], w.open.keys[0]) {
		ids, values := w.gather.unseen(w.g.slots(rank.ID(w.open.pop()), level), from, &w.seen)
		for i, id := range ids {
			next := rank.Key(values[i], id)
			if len(w.near.keys) >= w.g.options.EfConstruction && !rank.Less(next, w.near.keys[0]) {
				continue
			}
			w.near.push(next)
			w.open.push(next)
			if len(w.near.keys) > w.g.options.EfConstruction {
				w.near.pop()
			}
		}
	}
}

// selectAsFAISS reduces w.near to the nodes that the heuristic selects, at most room.
func (w *inserter) selectAsFAISS(room int) {
	w.open = faissHeap{w.open.keys[:0], rank.Less}
	for len(w.near.keys) > 0 {
		w.open.push(w.near.pop())
	}
	w.sorted = w.sorted[:0]
	for len(w.open.keys) > 0 {
		w.sorted = append(w.sorted, w.open.pop())
	}
	kept := w.selectHeuristic(room)
	for _, key := range w.sorted {
		if len(kept) > 0 && rank.ID(key) == kept[0] {
			w.near.push(key)
			kept = kept[1:]
		}
	}
}

// linkBackTogether adds links from a node to all of the given nodes. It appends them if there is room for all. Otherwise
// it selects among the old and the new links, and leaves a fifth of the slots empty. Ties are ordered by row.
func (w *inserter) linkBackTogether(from int32, to []int32, level int) {
	slots := w.g.slots(from, level)
	slices.SortFunc(to, func(a, b int32) int { return cmp.Compare(w.position[a], w.position[b]) })
	w.gather.ids = append(append(w.gather.ids[:0], w.g.Links(from, level)...), to...)
	if len(w.gather.ids) <= len(slots) {
		copy(slots, w.gather.ids)
		return
	}
	w.reselectLevel(from, slots, len(slots)*4/5, level)
}
