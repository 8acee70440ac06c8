package hnsw

import (
	"fmt"
	"slices"

	"anncapacity/lib/internal/rank"
)

// Exclude makes later walks treat the marked nodes as hnswlib and usearch treat deleted elements, and elements that their filter
// functions reject: a search visits and expands them, but they do not count towards efSearch and are not part of an answer. The
// effort of a node is then
//
//	running maximum, over the expansions before it is seen, of 1 + #{expanded nodes, not marked, nearer than the one expanded}
//
// marked has one value for each node, and must not be modified while the Walker is in use. Nil means that no node is marked.
func (w *Walker) Exclude(marked []bool) error {
	if marked != nil && len(marked) != w.g.Len() {
		return fmt.Errorf("hnsw: %d marks for %d nodes", len(marked), w.g.Len())
	}
	w.walk.excluded = marked
	return nil
}

// runOnHeap performs a walk that begins at start, which is marked as seen. Nodes may be excluded.
func (w *Walker) runOnHeap(from source, start uint64) {
	walk := &w.walk
	w.frontier, w.expanded = w.frontier[:0], w.expanded[:0]
	w.frontier.push(w.entry(start, 0))
	w.visit(start, 1)
	effort := int32(1)
	for len(w.frontier) > 0 {
		current := w.frontier.pop()
		effort = max(effort, int32(1+w.expandedNearer(current)))
		if int(effort) > walk.MaxEffort {
			return
		}
		if !walk.isExcluded(w.node(current)) {
			w.expand(current)
		}
		ids, values := w.gather.unseen(w.g.slots(w.node(current), 0), from, &walk.seen)
		for i, id := range ids {
			key := rank.Key(values[i], id)
			w.frontier.push(w.entry(key, len(walk.keys)))
			w.visit(key, effort)
		}
	}
	walk.Exhausted = true
}

// node returns the ID of an entry of the frontier. In a bounded walk an entry holds the node's place in the order of
// visiting instead of its ID.
func (w *Walker) node(entry uint64) int32 {
	if w.walk.bounded {
		return rank.ID(w.walk.keys[rank.ID(entry)])
	}
	return rank.ID(entry)
}

// expandedNearer returns the number of expanded nodes that are strictly nearer than current; in a bounded walk, the number
// of those before it by value and order of visiting.
func (w *Walker) expandedNearer(current uint64) int {
	limit := rank.Key(rank.Value(current), 0)
	if w.walk.bounded {
		limit = current
	}
	n := len(w.expanded)
	if n == 0 || w.expanded[n-1] < limit { // the most frequent case: current is the farthest so far
		return n
	}
	i, _ := slices.BinarySearch(w.expanded, limit)
	return i
}

// expand inserts current into the expanded nodes.
func (w *Walker) expand(current uint64) {
	n := len(w.expanded)
	if n == 0 || w.expanded[n-1] < current {
		w.expanded = append(w.expanded, current)
		return
	}
	i, _ := slices.BinarySearch(w.expanded, current)
	w.expanded = slices.Insert(w.expanded, i, current)
}
