package advise

import (
	"context"
	"fmt"
	"sync"

	"anncapacity/lib/hnsw"
)

// survey determines the efforts of the queries' neighbours on one graph, with walks of increasing length until all targets
// are known.
type survey struct {
	*question
	graph    *hnsw.Graph
	walkers  []*hnsw.Walker // one per worker
	name     string         // name of the graph for the progress bar
	reached  []int32        // IDs of the nodes that are reachable from the entry point, ascending
	radius   []float32      // per query, the value of the k-th exact neighbour (hnsw.Walker.Radius)
	bound    []int          // per query, the maximum number of neighbours that a search can find
	efforts  []int32        // per query, k efforts in ascending order: the j-th is the smallest efSearch that finds j neighbours within radius
	mean     target         // the lower bound of the mean recall
	each     target         // the lower bound of the share of queries that each reach the recall
	observed target         // the mean recall of all queries
}

// newSurvey returns a survey with an upper bound of the reachable neighbours of each query. If too many neighbours are
// unreachable, the targets are settled without a walk.
func newSurvey(ctx context.Context, q *question, g *hnsw.Graph, name string) (*survey, error) {
	n := len(q.queries)
	s := &survey{question: q, graph: g, name: name, radius: make([]float32, n), bound: make([]int, n), efforts: make([]int32, n*q.k)}
	s.mean.goal, s.each.goal, s.observed.goal = q.Recall, q.Share, q.Recall
	for i := range s.efforts {
		s.efforts[i] = hnsw.Unseen
	}
	reached := g.Reachable()
	s.reached = make([]int32, 0, g.Len())
	for id, is := range reached {
		if is {
			s.reached = append(s.reached, int32(id))
		}
	}
	err := s.eachQuery(ctx, "neighbours in reach", indexes(n), func(w *hnsw.Walker, i int) (err error) {
		if s.radius[i], err = w.Radius(q.query(i), q.truth[i]); err != nil {
			return err
		}
		s.bound[i], err = s.inReach(w, i, reached)
		return err
	})
	if err == nil {
		s.update(0)
	}
	return s, err
}

// indexes returns 0 … n−1.
func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// inReach returns the number of reachable nodes within the query's radius, at most k.
func (s *survey) inReach(w *hnsw.Walker, q int, reached []bool) (count int, err error) {
	for _, id := range s.truth[q] {
		if reached[id] {
			count++
		}
	}
	if count == s.k || !s.tied[q] {
		return count, nil
	}
	return w.CountWithin(s.query(q), s.reached, s.radius[q], s.k)
}

// unreachable returns the number of nodes that no search visits.
func (s *survey) unreachable() int { return s.graph.Len() - len(s.reached) }

// effortsOf returns the efforts of query q.
func (s *survey) effortsOf(q int) []int32 { return s.efforts[q*s.k : (q+1)*s.k] }

// run doubles the efSearch of the walks until all targets are settled.
func (s *survey) run(ctx context.Context) error {
	for effort := max(64, 2*s.k); !s.mean.settled() || !s.each.settled() || !s.observed.settled(); effort *= 2 {
		walked := min(effort, s.graph.Len()) // walks with efSearch = n are exhausted
		if err := s.walk(ctx, walked); err != nil {
			return err
		}
		s.update(walked)
	}
	return nil
}

// walk determines all efforts up to the given one for the queries whose number of known efforts is below the bound.
func (s *survey) walk(ctx context.Context, effort int) error {
	var open []int
	for q, bound := range s.bound {
		if seen(s.effortsOf(q)) < bound {
			open = append(open, q)
		}
	}
	return s.eachQuery(ctx, fmt.Sprintf("walks to effort %d", effort), open, func(w *hnsw.Walker, q int) error {
		walk, err := w.Walk(s.query(q), effort)
		if err != nil {
			return err
		}
		walk.EffortsWithin(s.radius[q], s.effortsOf(q))
		if walk.Exhausted { // a walk begins where the descent ends, and may miss nodes that are reachable from the entry point
			s.bound[q] = seen(s.effortsOf(q))
		}
		return nil
	})
}

// eachQuery calls do for every query in parallel, with one walker per worker. The walkers are kept for the next call, because they
// are large.
func (s *survey) eachQuery(ctx context.Context, what string, queries []int, do func(w *hnsw.Walker, i int) error) error {
	var mu sync.Mutex
	started := 0
	return s.Options.each(ctx, s.name+": "+what, len(queries), func() (func(i int) error, error) {
		mu.Lock()
		defer mu.Unlock()
		if started == len(s.walkers) {
			w, err := hnsw.NewBoundedWalker(s.graph, s.space)
			if err != nil {
				return nil, err
			}
			s.walkers = append(s.walkers, w)
		}
		w := s.walkers[started]
		started++
		return func(i int) error { return do(w, queries[i]) }, nil
	})
}

// seen returns the number of known efforts.
func seen(efforts []int32) (count int) {
	for _, effort := range efforts {
		if effort != hnsw.Unseen {
			count++
		}
	}
	return count
}
