package hnsw

import "iter"

// backlinks holds the links of a batch grouped by target: for each target, the nodes that link to it, in the order of
// insertion. The links back can then be written for all targets in parallel.
type backlinks struct {
	targets []int32 // each once
	head    []int32 // by node: index of its first entry, or noLink
	entries []backlink
}

type backlink struct {
	from int32
	next int32 // the next entry of the same target, or noLink
	last int32 // in the first entry of a target: index of its last entry
}

func newBacklinks(n int) backlinks {
	b := backlinks{head: make([]int32, n)}
	for i := range b.head {
		b.head[i] = noLink
	}
	return b
}

// collect replaces the contents of b by the links of the batch on one level.
func (b *backlinks) collect(g *Graph, batch []int32, level int) {
	for _, t := range b.targets {
		b.head[t] = noLink
	}
	b.targets, b.entries = b.targets[:0], b.entries[:0]
	for _, from := range batch {
		if g.Level(from) < level {
			continue
		}
		for _, t := range g.Links(from, level) {
			at := int32(len(b.entries))
			b.entries = append(b.entries, backlink{from, noLink, at})
			if b.head[t] == noLink {
				b.head[t] = at
				b.targets = append(b.targets, t)
				continue
			}
			first := &b.entries[b.head[t]]
			b.entries[first.last].next = at
			first.last = at
		}
	}
}

// to returns the nodes that link to the target.
func (b *backlinks) to(target int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		for at := b.head[target]; at != noLink; at = b.entries[at].next {
			if !yield(b.entries[at].from) {
				return
			}
		}
	}
}
