package hnsw

import "anncapacity/lib/internal/rank"

// stamps is a set of nodes that empties in no time: a node is in it when its stamp is the current one.
type stamps struct {
	stamp   []uint32
	current uint32
}

func newStamps(n int) stamps { return stamps{stamp: make([]uint32, n)} }

// next empties the set.
func (s *stamps) next() {
	s.current++
	if s.current == 0 { // after 2³² rounds old stamps would come true again
		clear(s.stamp)
		s.current = 1
	}
}

func (s *stamps) add(id int32)      { s.stamp[id] = s.current }
func (s *stamps) has(id int32) bool { return s.stamp[id] == s.current }

// gather is the scratch in which the links of one node are measured together.
type gather struct {
	ids    []int32
	values []float32
	keys   []uint64
}

// unseen marks and measures those of a node's slots that are not in seen yet.
func (m *gather) unseen(slots []int32, from source, seen *stamps) []uint64 {
	m.ids = m.ids[:0]
	for _, id := range slots {
		if id == noLink {
			break
		}
		if !seen.has(id) {
			seen.add(id)
			m.ids = append(m.ids, id)
		}
	}
	return m.measure(from)
}

// measure gives the keys of m.ids.
func (m *gather) measure(from source) []uint64 {
	if cap(m.values) < len(m.ids) {
		m.values = make([]float32, 2*len(m.ids))
	}
	values := m.values[:len(m.ids)]
	from.values(m.ids, values)
	m.keys = m.keys[:0]
	for i, id := range m.ids {
		m.keys = append(m.keys, rank.Key(values[i], id))
	}
	return m.keys
}

// descend walks greedily from the entry point down to level: on each level above it, to the nearest neighbour of
// the nearest so far, until there is no nearer one. It returns the key of the node it ends on.
func descend(g *Graph, m *gather, from source, level int) uint64 {
	m.ids = append(m.ids[:0], g.entryPoint)
	nearest := m.measure(from)[0]
	for l := g.Level(g.entryPoint); l > level; l-- {
		for {
			before := nearest
			m.ids = append(m.ids[:0], g.Links(rank.ID(nearest), l)...)
			for _, k := range m.measure(from) {
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
