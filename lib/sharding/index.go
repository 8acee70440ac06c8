package sharding

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

// Index is a base that is split into shards, with a graph on each. It is safe for concurrent use.
type Index struct {
	n      int
	base   ann.Vectors
	shards []shard
	home   []int32 // shard of every vector
	local  []int32 // number of every vector in its shard
}

type shard struct {
	ids   []int32 // ascending, so that ties by local ID are ties by ID
	graph *hnsw.Graph
	space hnsw.Space
}

// Build builds a graph on each shard of split, which must hold each vector once; Split returns such lists. The graph of shard s
// has the seed o.Seed + s.
func Build(ctx context.Context, base ann.Vectors, metric ann.Metric, split [][]int32, o hnsw.Options) (*Index, error) {
	x := &Index{n: base.N, base: base, home: make([]int32, base.N), local: make([]int32, base.N)}
	first := o.Seed
	for s, members := range split {
		of := base
		if len(split) > 1 {
			var err error
			if of, err = base.Subset(members); err != nil {
				return nil, err
			}
		}
		space, err := hnsw.OnMetric(of, metric)
		if err != nil {
			return nil, err
		}
		o.Seed = first + uint64(s)
		graph, err := hnsw.Build(ctx, space, o)
		if err != nil {
			return nil, fmt.Errorf("sharding: shard %d of %d: %w", s, len(split), err)
		}
		for i, id := range members {
			x.home[id], x.local[id] = int32(s), int32(i)
		}
		x.shards = append(x.shards, shard{members, graph, space})
	}
	return x, nil
}

// Shards returns the number of shards.
func (x *Index) Shards() int { return len(x.shards) }

// Searcher walks all shards for one query at a time. It is not safe for concurrent use.
type Searcher struct {
	*Index
	walkers []*hnsw.Walker

	walks   []*hnsw.Walk // of the last query, one for each shard
	own     int          // shard of the query, or −1 if it is no indexed point
	truth   []int32
	efforts []int32 // of truth, each in its shard
	ranks   [][]int32
	scratch []int32
	counts  map[int]*visits // by efSearch
}

// visits holds what the search of each shard visits at one efSearch.
type visits struct {
	capacity  []int32 // per shard, nodes other than the query
	distances int     // over all shards
}

// NewSearcher returns a Searcher of x.
func NewSearcher(x *Index) (*Searcher, error) {
	s := &Searcher{Index: x, ranks: make([][]int32, len(x.shards))}
	for _, shard := range x.shards {
		w, err := hnsw.NewWalker(shard.graph, shard.space)
		if err != nil {
			return nil, err
		}
		s.walkers = append(s.walkers, w)
	}
	return s, nil
}

// Walk performs one walk in each shard with efSearch up to maxEffort. The query is a vector or, with self ≥ 0, the indexed point
// with that ID. truth holds its exact neighbours among all shards, nearest first. Answer, Counts and Effort then give the answer at
// every (policy, k, efSearch ≤ maxEffort).
func (s *Searcher) Walk(query []float32, self int32, truth []int32, maxEffort int) error {
	s.own, s.truth, s.counts = -1, truth, map[int]*visits{}
	if self >= 0 {
		s.own = int(s.home[self])
	}
	s.walks = s.walks[:0]
	for i, w := range s.walkers {
		asked := ann.Query{Vector: query}
		if i == s.own {
			asked = ann.PointID(s.local[self])
		}
		walk, err := w.Walk(asked, maxEffort)
		if err != nil {
			return err
		}
		s.walks = append(s.walks, walk)
	}
	s.rank()
	return nil
}

// rank sets the efforts of the exact neighbours, and the ranks of those of each shard.
func (s *Searcher) rank() {
	s.efforts = append(s.efforts[:0], s.truth...)
	for i := range s.ranks {
		s.ranks[i], s.scratch = s.ranks[i][:0], s.scratch[:0]
		for r, id := range s.truth {
			if int(s.home[id]) == i {
				s.ranks[i], s.scratch = append(s.ranks[i], int32(r)), append(s.scratch, s.local[id])
			}
		}
		s.walks[i].Efforts(s.scratch, s.scratch)
		for j, r := range s.ranks[i] {
			s.efforts[r] = s.scratch[j]
		}
	}
}

// Effort returns the smallest efSearch a shard whose search visits the exact neighbour at a rank, 0 for the nearest, or
// hnsw.Unseen. The overlap at (k, e) under hnsw.Pad is the share of the first k efforts that are at most e.
func (s *Searcher) Effort(rank int) int32 { return s.efforts[rank] }

// at returns what the shards visit at an efSearch.
func (s *Searcher) at(ef int) *visits {
	if v := s.counts[ef]; v != nil {
		return v
	}
	v := &visits{capacity: make([]int32, len(s.walks))}
	for i, walk := range s.walks {
		v.capacity[i] = int32(walk.Capacity(ef))
		v.distances += walk.Visited(ef)
	}
	s.counts[ef] = v
	return v
}
