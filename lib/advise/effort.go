package advise

import (
	"context"
	"fmt"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/hnsw"
)

// eachShare is the share of the queries to which Setting.Each applies.
const eachShare = 0.999

// survey determines the efforts of the queries' neighbours on one graph, with walks of increasing length until both targets
// are known.
type survey struct {
	*problem
	graph   *hnsw.Graph
	name    string    // name of the graph for the progress bar
	reached []int32   // IDs of the nodes that are reachable from the entry point, ascending
	radius  []float32 // per query, the value of the k-th exact neighbour (hnsw.Walker.Radius)
	bound   []int     // per query, the maximum number of neighbours that a search can find
	efforts []int32   // per query, k efforts in ascending order: the j-th is the smallest efSearch that finds j neighbours within radius
	mean    target
	each    target
}

// target is an order statistic: the rank-th smallest of some efforts.
type target struct {
	rank     int
	possible int // maximum number of these efforts that are finite
	effort   int // 0 until it is known
}

// settled reports whether the effort is known, or known not to exist.
func (t target) settled() bool { return t.effort > 0 || t.possible < t.rank }

// efSearch returns the effort, or nil if there is none.
func (t target) efSearch() *int {
	if t.effort == 0 {
		return nil
	}
	return &t.effort
}

// worse reports whether t needs a larger effort than u. If neither has an effort, it compares the possible numbers.
func (t target) worse(u target) bool {
	if t.effort == 0 && u.effort == 0 {
		return t.possible < u.possible
	}
	return t.effort == 0 || u.effort != 0 && t.effort > u.effort
}

// rankOf returns the smallest positive integer that is at least share · count, ignoring rounding errors: 0.07 · 100 gives 7.
func rankOf(share float64, count int) int {
	return max(1, int(math.Ceil(share*float64(count)*(1-1e-12))))
}

// newSurvey returns a survey with an upper bound of the reachable neighbours of each query. If too many neighbours are
// unreachable, the targets are settled without a walk.
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
	s.each.rank = rankOf(eachShare, n)
	err := s.eachQuery(ctx, "neighbours in reach", indexes(n), func(w *hnsw.Walker, q int) (err error) {
		if s.radius[q], err = w.Radius(ann.PointID(p.queries[q]), p.truth[q]); err != nil {
			return err
		}
		s.bound[q], err = s.inReach(w, q, reached)
		return err
	})
	s.sumBounds()
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
	if count == s.K || !s.tied[q] {
		return count, nil
	}
	return w.CountWithin(ann.PointID(s.queries[q]), s.reached, s.radius[q], s.K)
}

// unreachable returns the number of nodes that no search visits.
func (s *survey) unreachable() int { return s.graph.Len() - len(s.reached) }

// highest returns the highest mean recall for any efSearch.
func (s *survey) highest() float64 { return float64(s.mean.possible) / float64(len(s.efforts)) }

// sumBounds sets the possible numbers of both targets from the bounds of the queries.
func (s *survey) sumBounds() {
	s.mean.possible, s.each.possible = 0, 0
	for _, bound := range s.bound {
		s.mean.possible += bound
		if bound >= rankOf(s.Recall, s.K) {
			s.each.possible++
		}
	}
}

// reachable marks the nodes that are reachable from the entry point by links on any level. No search visits other nodes.
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

// effortsOf returns the efforts of query q.
func (s *survey) effortsOf(q int) []int32 { return s.efforts[q*s.K : (q+1)*s.K] }

// run doubles the efSearch of the walks until both targets are settled.
func (s *survey) run(ctx context.Context) error {
	for effort := max(64, 2*s.K); !s.mean.settled() || !s.each.settled(); effort *= 2 {
		if err := s.walk(ctx, min(effort, s.graph.Len())); err != nil { // walks with efSearch = n are exhausted
			return err
		}
		s.mean.effort, s.each.effort = s.meanEffort(), s.eachEffort()
		s.sumBounds()
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
		walk, err := w.Walk(ann.PointID(s.queries[q]), effort)
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

// eachQuery calls do for every query in parallel, with one walker per worker.
func (s *survey) eachQuery(ctx context.Context, what string, queries []int, do func(w *hnsw.Walker, q int) error) error {
	return s.Options.each(ctx, s.name+": "+what, len(queries), func() (func(i int) error, error) {
		w, err := hnsw.NewBoundedWalker(s.graph, s.space)
		return func(i int) error { return do(w, queries[i]) }, err
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

// meanEffort returns the smallest efSearch that gives the wanted mean recall: the smallest e with
// #{efforts ≤ e} / (k · queries) ≥ recall. It returns 0 if it is not known.
func (s *survey) meanEffort() int { return orderStatistic(slices.Clone(s.efforts), s.mean.rank) }

// eachEffort returns the smallest efSearch with which a share eachShare of the queries each reach the recall. It returns 0 if
// it is not known.
func (s *survey) eachEffort() int { return orderStatistic(s.queryEfforts(), s.each.rank) }

// queryEfforts returns, for every query, the smallest efSearch with which it reaches the recall.
func (s *survey) queryEfforts() []int32 {
	efforts := make([]int32, len(s.queries))
	for q := range efforts {
		efforts[q] = s.effortsOf(q)[rankOf(s.Recall, s.K)-1]
	}
	return efforts
}

// orderStatistic sorts the efforts and returns the rank-th smallest, or 0 if it is not known.
func orderStatistic(efforts []int32, rank int) int {
	slices.Sort(efforts)
	if efforts[rank-1] == hnsw.Unseen {
		return 0
	}
	return int(efforts[rank-1])
}
