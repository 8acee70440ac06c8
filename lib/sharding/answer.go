package sharding

import (
	"errors"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

// terms returns the terms of a request for k neighbours to one shard. If the query is an indexed point, every shard is asked for
// k + 1 answers, because only one of them holds the point. See hnsw.Policy.
func terms(p hnsw.Policy, k, efSearch int, indexed, own bool) hnsw.Terms {
	switch {
	case own:
		return p.Terms(k, efSearch, ann.PointID(0))
	case indexed:
		return p.Terms(k+1, efSearch, ann.Query{})
	}
	return p.Terms(k, efSearch, ann.Query{})
}

// Counts describes the merged answer of all shards to a request for k neighbours.
type Counts struct {
	Shared    int // number of exact neighbours
	Length    int // number of neighbours, at most k
	Distances int // distances computed on level 0 of all shards
	Rejected  bool
}

// Counts returns the counts of the merged answer at efSearch a shard. The maxEffort of Walk must be at least the efSearch under the
// policy: max(efSearch, k + 1) under hnsw.Raise.
//
// The merged answer consists of the k nearest of the answers of all shards. An exact neighbour that a shard returns is in it,
// because fewer than k vectors are nearer. The exact neighbours that a shard returns are counted as in one graph, by
// hnsw.Terms.Counts: vectors of the shard that are nearer than one of them are exact neighbours, too.
func (s *Searcher) Counts(p hnsw.Policy, k, efSearch int) (c Counts) {
	for i, ranks := range s.ranks {
		t := terms(p, k, efSearch, s.own >= 0, i == s.own)
		if t.Rejected {
			return Counts{Rejected: true}
		}
		v, reached := s.at(t.EfSearch), 0
		for _, r := range ranks {
			if int(r) >= k {
				break
			}
			if int(s.efforts[r]) <= t.EfSearch {
				reached++
			}
		}
		shared, length := t.Counts(reached, int(v.capacity[i]))
		c.Shared, c.Length, c.Distances = c.Shared+shared, c.Length+length, v.distances
	}
	c.Length = min(c.Length, k)
	return c
}

// Answer returns the merged answer of all shards at efSearch a shard: the k nearest of their answers, ties by ID. It is
// hnsw.ErrRejected if a shard rejects the request, and an error if a distance overflows float32.
func (s *Searcher) Answer(p hnsw.Policy, k, efSearch int) (ann.Neighbors, error) {
	var all ann.Neighbors
	for i, walk := range s.walks {
		ask := k
		if s.own >= 0 && i != s.own {
			ask++
		}
		list, err := walk.Answer(p, ask, efSearch)
		if err != nil {
			if errors.Is(err, hnsw.ErrRejected) {
				return nil, hnsw.ErrRejected
			}
			return nil, err
		}
		for _, n := range list {
			all = append(all, ann.Neighbor{ID: s.shards[i].ids[n.ID], Distance: n.Distance})
		}
	}
	all.Sort()
	return all[:min(k, len(all))], nil
}
