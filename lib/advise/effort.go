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

// survey finds the efforts of the exact neighbours on one graph, walking further until they answer the question.
type survey struct {
	*problem
	graph     *hnsw.Graph
	reachable []bool  // by ID: some path leads to it
	efforts   []int32 // of every query's exact neighbours in turn, hnsw.Unseen where none is known
	highest   float64 // mean recall that no efSearch exceeds
	mean      target
	each      target
}

// target is an order statistic: the rank-th of some efforts.
type target struct {
	rank     int
	possible int // how many of the efforts exist at all
	effort   int // 0 until it is known
}

func (t target) settled() bool { return t.effort > 0 || t.possible < t.rank }

// rankOf is the smallest whole number that is at least share · count, but for rounding: 0.07 · 100 is 7.
func rankOf(share float64, count int) int {
	return max(1, int(math.Ceil(share*float64(count)*(1-1e-12))))
}

// newSurvey counts what can be reached at all. On a graph that keeps too many neighbours unreachable the question is
// settled before a walk.
func newSurvey(p *problem, g *hnsw.Graph) *survey {
	s := &survey{problem: p, graph: g, reachable: reachable(g), efforts: make([]int32, len(p.queries)*p.K)}
	for i := range s.efforts {
		s.efforts[i] = hnsw.Unseen
	}
	s.mean.rank = rankOf(p.Recall, len(s.efforts))
	s.each.rank = rankOf(manyQueries, len(p.queries))
	for q := range p.queries {
		found := s.reachableOf(q)
		s.mean.possible += found
		if found >= rankOf(p.Recall, p.K) {
			s.each.possible++
		}
	}
	s.highest = float64(s.mean.possible) / float64(len(s.efforts))
	return s
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

func (s *survey) reachableOf(q int) (count int) {
	for _, id := range s.truth[q] {
		if s.reachable[id] {
			count++
		}
	}
	return count
}

// of is the efforts of query q's exact neighbours, nearest first.
func (s *survey) of(q int) []int32 { return s.efforts[q*s.K : (q+1)*s.K] }

// run doubles the effort of the walks until both targets are known, or until the walks have seen all there is.
func (s *survey) run(ctx context.Context) error {
	for effort := max(64, 2*s.K); !s.mean.settled() || !s.each.settled(); effort *= 2 {
		effort = min(effort, s.graph.Len()) // no walk goes on after that
		if err := s.walk(ctx, effort); err != nil {
			return err
		}
		s.mean.effort, s.each.effort = s.meanEffort(), s.eachEffort()
		if effort == s.graph.Len() {
			s.exhausted()
			return nil
		}
	}
	return nil
}

// exhausted corrects what newSurvey counted as possible: a walk begins where the descent ends, and not every node that
// the descent can pass need be linked to from there.
func (s *survey) exhausted() {
	s.mean.possible, s.each.possible = 0, 0
	for q := range s.queries {
		found := seen(s.of(q))
		s.mean.possible += found
		if found >= rankOf(s.Recall, s.K) {
			s.each.possible++
		}
	}
	s.highest = float64(s.mean.possible) / float64(len(s.efforts))
}

// walk finds all efforts up to the given one, for the queries that still miss a neighbour that could be found.
func (s *survey) walk(ctx context.Context, effort int) error {
	var open []int
	for q := range s.queries {
		if seen(s.of(q)) < s.reachableOf(q) {
			open = append(open, q)
		}
	}
	return s.eachQuery(ctx, fmt.Sprintf("walks to effort %d", effort), open, func(w *hnsw.Walker, q int) error {
		walk, err := w.Walk(ann.PointID(s.queries[q]), effort)
		if err == nil {
			walk.Efforts(s.truth[q], s.of(q))
		}
		return err
	})
}

// eachQuery gives every core a walker.
func (s *survey) eachQuery(ctx context.Context, what string, queries []int, do func(w *hnsw.Walker, q int) error) error {
	return s.Options.each(ctx, what, len(queries), func() (func(i int) error, error) {
		w, err := hnsw.NewWalker(s.graph, s.space)
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
	own := make([]int32, s.K)
	for q := range efforts {
		copy(own, s.of(q))
		slices.Sort(own)
		efforts[q] = own[rankOf(s.Recall, s.K)-1]
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
