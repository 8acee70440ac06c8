package hnsw

import (
	"math"

	"anncapacity/lib/hnsw/internal/rows"
	"anncapacity/lib/internal/rank"
)

// explorer holds the scratch space of searches of a level (Algorithm 2).
type explorer struct {
	g      *Graph
	seen   stamps
	pool   pool
	gather gather
	ahead  []int32 // unseen links of the node that is probably expanded next
}

// explore searches a level from start and leaves the ef nearest nodes found in e.pool. With ties, it expands every node that is as
// near as the ef-th.
//
// Before the new nodes are added to the pool, the node that is expanded next is known in most cases, and the vectors of its links are
// prefetched.
func (e *explorer) explore(from source, start uint64, level, ef int, ties bool) {
	e.seen.next()
	e.pool.reset(ef)
	e.seen.add(rank.ID(start))
	e.pool.add(start)
	following := int32(noLink)
	for current, ok := e.pool.expand(); ok; current, ok = e.pool.expand() {
		slots := e.g.slots(current, level)
		if current == following {
			slots = e.ahead
		}
		upcoming, limit := e.pool.upcoming()
		if upcoming != noLink {
			rows.Prefetch(e.g.slots(upcoming, level))
		}
		ids, values := e.gather.unseen(slots, from, &e.seen)
		following = upcoming
		if nearest := nearestBelow(values, limit); nearest >= 0 {
			following = noLink
			rows.Prefetch(e.g.slots(ids[nearest], level))
		}
		if following != noLink {
			e.ahead = e.seen.missing(e.g.slots(following, level), e.ahead)
			from.prefetch(e.ahead)
		}
		for i, value := range values {
			if e.pool.wants(value) || ties && value == e.pool.last {
				e.pool.add(rank.Key(value, ids[i]))
			}
		}
	}
}

// nearestBelow returns the index of the smallest value, or −1 if none is less than limit.
func nearestBelow(values []float32, limit float32) int {
	nearest := -1
	for i, value := range values {
		if value < limit {
			nearest, limit = i, value
		}
	}
	return nearest
}

// missing returns the nodes in slots that are not in the set. It overwrites ids.
func (s *stamps) missing(slots, ids []int32) []int32 {
	if cap(ids) < len(slots) {
		ids = make([]int32, len(slots))
	}
	ids = ids[:len(slots)]
	stamp, current, n := s.stamp, s.current, 0
	for _, id := range slots {
		if id == noLink {
			break
		}
		ids[n] = id
		if stamp[id] != current {
			n++
		}
	}
	return ids[:n]
}

// nowhere is farther than every node.
var nowhere = float32(math.Inf(1))
