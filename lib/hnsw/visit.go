package hnsw

import (
	"slices"

	"anncapacity/lib/internal/rows"
	"anncapacity/lib/internal/rank"
)

// stamps is a set of nodes that is emptied in constant time. A node is in the set if its stamp is the current one.
type stamps struct {
	stamp   []uint8 // one byte, so that the stamps of many nodes fit into the cache
	current uint8
}

func newStamps(n int) stamps { return stamps{stamp: make([]uint8, n)} }

// next empties the set.
func (s *stamps) next() {
	s.current++
	if s.current == 0 { // the counter has overflowed: old stamps would be valid again
		clear(s.stamp)
		s.current = 1
	}
}

func (s *stamps) add(id int32)      { s.stamp[id] = s.current }
func (s *stamps) has(id int32) bool { return s.stamp[id] == s.current }

// gather holds the scratch space for computing the values of several nodes together.
type gather struct {
	ids    []int32
	values []float32
	keys   []uint64
}

// unseen adds the nodes in slots that are not in seen to it, and returns their IDs and values. The next call overwrites the
// results.
func (m *gather) unseen(slots []int32, from source, seen *stamps) (ids []int32, values []float32) {
	ids = slices.Grow(m.ids[:0], len(slots))[:len(slots)]
	stamp, current, n := seen.stamp, seen.current, 0
	for _, id := range slots {
		if id == noLink {
			break
		}
		ids[n] = id
		if stamp[id] != current {
			n++
		}
		stamp[id] = current
	}
	m.ids = ids[:n]
	return m.ids, m.measure(from)
}

// measure returns the values of m.ids. The next call overwrites the result. The last ID is repeated up to a multiple of rows.Group,
// so that the kernels need not treat a smaller group.
func (m *gather) measure(from source) []float32 {
	n := len(m.ids)
	padded := m.ids
	for len(padded)%rows.Group != 0 {
		padded = append(padded, padded[n-1])
	}
	m.ids = padded[:n]
	m.values = slices.Grow(m.values[:0], len(padded))[:len(padded)]
	from.values(padded, m.values)
	return m.values[:n]
}

// compute returns the keys of m.ids. The next call overwrites the result.
func (m *gather) compute(from source) []uint64 {
	values := m.measure(from)
	m.keys = m.keys[:0]
	for i, id := range m.ids {
		m.keys = append(m.keys, rank.Key(values[i], id))
	}
	return m.keys
}

// descend performs the greedy search from the entry point down to level. On each level above it, descend moves to the
// nearest neighbour of the current node until no neighbour is nearer. It returns the key of the last node.
func descend(g *Graph, m *gather, from source, level int) uint64 {
	m.ids = append(m.ids[:0], g.entryPoint)
	nearest := m.compute(from)[0]
	for l := g.Level(g.entryPoint); l > level; l-- {
		for {
			before := nearest
			m.ids = append(m.ids[:0], g.Links(rank.ID(nearest), l)...)
			for _, k := range m.compute(from) {
				if rank.Less(k, nearest) {
					nearest = k
				}
			}
			if nearest == before {
				break
			}
		}
	}
	return nearest
}
