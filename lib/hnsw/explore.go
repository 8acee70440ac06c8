package hnsw

import (
	"anncapacity/lib/internal/rows"
	"anncapacity/lib/internal/rank"
)

// explorer holds the scratch space of searches of a level (Algorithm 2).
type explorer struct {
	g      *Graph
	seen   stamps
	pool   pool
	gather gather
}

// explore searches a level from start and leaves the ef nearest nodes found in e.pool. With ties, it expands every node that is as
// near as the ef-th.
func (e *explorer) explore(from source, start uint64, level, ef int, ties bool) {
	e.seen.next()
	e.pool.reset(ef)
	e.seen.add(rank.ID(start))
	e.pool.add(start)
	for current, ok := e.pool.expand(); ok; current, ok = e.pool.expand() {
		if next, ok := e.pool.upcoming(); ok {
			rows.Prefetch(e.g.slots(next, level))
		}
		ids, values := e.gather.unseen(e.g.slots(current, level), from, &e.seen)
		for i, value := range values {
			if e.pool.wants(value) || ties && e.pool.wantsTie(value) {
				e.pool.add(rank.Key(value, ids[i]))
			}
		}
	}
}
