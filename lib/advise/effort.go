package advise

import (
	"context"
	"fmt"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

// manyQueries is the share of the queries that Setting.Each speaks of.
const manyQueries = 0.999

// survey finds the efforts of the queries' neighbours on one graph, walking further until they answer the question.
type survey struct {
	*problem
	graph   *hnsw.Graph
	name    string    // of the graph, for the progress shown
	reached []int32   // IDs of the nodes that some path leads to, ascending
	radius  []float32 // of each query, how far the k-th exact neighbour is, as the walks measure it
	bound   []int     // of each query, no search finds more neighbours than this
	efforts []int32   // of every query in turn, ascending: the j-th is the smallest efSearch that finds j neighbours within radius
	mean    target
	each    target
}

// target is an order statistic: the rank-th of some efforts.
type target struct {
	rank     int
	possible int // no more than so many of the efforts exist at all
	effort   int // 0 until it is known
}

func (t target) settled() bool { return t.effort > 0 || t.possible < t.rank }

// efSearch is the effort, nil where there is none.
func (t target) efSearch() *int {
	if t.effort == 0 {
		return nil
	}
	return &t.effort
}

// worse says whether t asks for more than u, or is further from being possible.
func (t target) worse(u target) bool {
	if t.effort == 0 && u.effort == 0 {
		return t.possible < u.possible
	}
	return t.effort == 0 || u.effort != 0 && t.effort > u.effort
}

// rankOf is the smallest whole number that is at least share · count, but for rounding: 0.07 · 100 is 7.
func rankOf(share float64, count int) int {
	return max(1, int(math.Ceil(share*float64(count)*(1-1e-12))))
}

// newSurvey bounds what can be reached at all. On a graph that keeps too many neighbours unreachable the question is
// settled before a walk.
func newSurvey(ctx context.Context, p *problem, g *hnsw.Graph, name string) (*survey, error) {
	n := len(p.queries)
	s := &survey{problem: p, graph: g, name: name, radius: make([]float32, n), bound: make([]int, n), efforts: make([]int32, n*p.K)}
	for i := range s.efforts {
		s.efforts[i] = hnsw.Unseen
	}
	reached := reachable(g)
	for id, is := range reached {
		if is {
			s.reached = append(s.reached, int32(id))
		}
	}
	s.mean.rank = rankOf(p.Recall, len(s.efforts))
	s.each.rank = rankOf(manyQueries, n)
	err := s.eachQuery(ctx, "neighbours in reach", indexes(n), func(w *hnsw.Walker, q int) (err error) {
		if s.radius[q], err = w.Radius(ann.PointID(p.queries[q]), p.truth[q]); err != nil {
			return err
		}
		s.bound[q], err = s.inReach(w, q, reached)
		return err
	})
	s.count()
	return s, err
}

// indexes is 0 … n−1.
func indexes(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// inReach counts the nodes within the query's radius that a path leads to, up to k.
func (s *survey) inReach(w *hnsw.Walker, q int, reached []bool) (count int, err error) {
	for _, id := range s.truth[q] {
		if reached[id] {
			count++
		}
	}
	if count == s.K || !s.tied[q] {
		return count, nil
	}
	return w.CountWithin(ann.PointID(s.queries[q]), s.reached, s.radius[q], s.K)
}

// unreachable is the number of nodes that no search visits.
func (s *survey) unreachable() int { return s.graph.Len() - len(s.reached) }

// highest is the mean recall that no efSearch exceeds.
func (s *survey) highest() float64 { return float64(s.mean.possible) / float64(len(s.efforts)) }

// count adds the bounds up.
func (s *survey) count() {
	s.mean.possible, s.each.possible = 0, 0
	for _, bound := range s.bound {
		s.mean.possible += bound
		if bound >= rankOf(s.Recall, s.K) {
			s.each.possible++
		}
	}
}

// reachable marks the nodes to which links lead from the entry point, on whatever levels: no search visits another.
func reachable(g *hnsw.Graph) []bool {
	seen := make([]bool, g.Len())
	seen[g.EntryPoint()] = true
	queue := []int32{g.EntryPoint()}
	for i := 0; i < len(queue); i++ {
		for level := range g.Level(queue[i]) + 1 {
			for _, to := range g.Links(queue[i], level) {
				if !seen[to] {
					seen[to] = true
					queue = append(queue, to)
				}
			}
		}
	}
	return seen
}

// of is the efforts of query q.
func (s *survey) of(q int) []int32 { return s.efforts[q*s.K : (q+1)*s.K] }

// run doubles the effort of the walks until both targets are known, or until the walks have seen too much of the graph for them.
func (s *survey) run(ctx context.Context) error {
	for effort := max(64, 2*s.K); !s.mean.settled() || !s.each.settled(); effort *= 2 {
		if err := s.walk(ctx, min(effort, s.graph.Len())); err != nil { // with an effort of all nodes every walk is exhausted
			return err
		}
		s.mean.effort, s.each.effort = s.meanEffort(), s.eachEffort()
		s.count()
	}
	return nil
}

// walk finds all efforts up to the given one, for the queries that still miss a neighbour that could be found.
func (s *survey) walk(ctx context.Context, effort int) error {
	var open []int
	for q, bound := range s.bound {
		if seen(s.of(q)) < bound {
			open = append(open, q)
		}
	}
	return s.eachQuery(ctx, fmt.Sprintf("walks to effort %d", effort), open, func(w *hnsw.Walker, q int) error {
		walk, err := w.Walk(ann.PointID(s.queries[q]), effort)
		if err != nil {
			return err
		}
		walk.EffortsWithin(s.radius[q], s.of(q))
		if walk.Exhausted { // a walk begins where the descent ends, and does not pass every node that the descent can
			s.bound[q] = seen(s.of(q))
		}
		return nil
	})
}

// eachQuery gives every core a walker.
func (s *survey) eachQuery(ctx context.Context, what string, queries []int, do func(w *hnsw.Walker, q int) error) error {
	return s.Options.each(ctx, s.name+": "+what, len(queries), func() (func(i int) error, error) {
		w, err := hnsw.NewBoundedWalker(s.graph, s.space)
		return func(i int) error { return do(w, queries[i]) }, err
	})
}

// seen counts the efforts that are known.
func seen(efforts []int32) (count int) {
	for _, effort := range efforts {
		if effort != hnsw.Unseen {
			count++
		}
	}
	return count
}

// meanEffort is the smallest efSearch for which the mean recall is reached: #{efforts ≤ e} / (k · queries) ≥ recall.
func (s *survey) meanEffort() int { return orderStatistic(slices.Clone(s.efforts), s.mean.rank) }

// eachEffort is the smallest efSearch for which manyQueries of the queries reach the recall themselves.
func (s *survey) eachEffort() int { return orderStatistic(s.queryEfforts(), s.each.rank) }

// queryEfforts is, for every query, the smallest efSearch for which it reaches the recall.
func (s *survey) queryEfforts() []int32 {
	efforts := make([]int32, len(s.queries))
	for q := range efforts {
		efforts[q] = s.of(q)[rankOf(s.Recall, s.K)-1]
	}
	return efforts
}

// orderStatistic sorts the efforts; 0 says that the one of that rank is not known.
func orderStatistic(efforts []int32, rank int) int {
	slices.Sort(efforts)
	if efforts[rank-1] == hnsw.Unseen {
		return 0
	}
	return int(efforts[rank-1])
}
