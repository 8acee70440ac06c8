package advise

import (
	"context"
	"slices"
	"sync"

	"gonum.org/v1/gonum/stat"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/report"
)

// policies maps the policies of HNSW engines to those of package hnsw.
var policies = map[engine.Policy]hnsw.Policy{
	engine.Pads: hnsw.Pad, engine.Raises: hnsw.Raise, engine.Truncates: hnsw.Truncate, engine.Rejects: hnsw.Reject,
}

// enginesWith names the engines that follow a policy.
func enginesWith(p hnsw.Policy) string {
	for of, same := range policies {
		if same == p {
			return engine.Following(of)
		}
	}
	return ""
}

// costs holds the nodes that searches visit and find, by efSearch.
type costs struct {
	*survey
	at        map[int]*tally // nodes visited
	truncated map[int]*tally // nodes returned under Truncate, below the number of requested answers
	mu        sync.Mutex     // of tally.first
}

// tally holds numbers of nodes per query, excluding the query itself.
type tally struct {
	nodes []int32 // visited or returned
	near  []int32 // of these, as near as the k-th exact neighbour, at most k
	same  []int32 // of these, exact neighbours
	first []int64 // of these, over all queries, the j-th exact neighbours
}

func newTally(n, k int) *tally {
	return &tally{make([]int32, n), make([]int32, n), make([]int32, n), make([]int64, k)}
}

// policyEfs returns the compared efSearch and the advised one, as far as they are below the requested answers, where the
// policies differ.
func (s *survey) policyEfs() []int {
	efs := slices.DeleteFunc(append(slices.Clone(s.EfSearch), s.mean.effort), func(ef int) bool { return ef < 1 || ef >= s.asked(s.k) })
	return sorted(efs)
}

// rowEfs returns the efSearch of the report's settings: the compared ones, those that suffice, and what is set in the engine.
func (s *survey) rowEfs() []int {
	efs := append(slices.Clone(s.EfSearch), s.mean.effort, s.each.effort, s.observed.effort)
	if value, err := s.words.Value(s.mean.effort, s.asked(s.k)); err == nil && s.mean.effort > 0 {
		efs = append(efs, value)
	}
	return sorted(slices.DeleteFunc(efs, func(ef int) bool { return ef < 1 }))
}

// computeCosts performs one more walk for every query, up to the largest efSearch of the report.
func (s *survey) computeCosts(ctx context.Context) (*costs, error) {
	c := &costs{survey: s, at: map[int]*tally{}, truncated: map[int]*tally{}}
	efs := append(s.rowEfs(), s.asked(s.k))
	for _, ef := range efs {
		c.at[ef] = newTally(len(s.queries), s.k)
	}
	for _, ef := range s.rowEfs() {
		if ef < s.asked(s.k) {
			c.truncated[ef] = newTally(len(s.queries), 0)
		}
	}
	return c, s.eachQuery(ctx, "costs", indexes(len(s.queries)), func(w *hnsw.Walker, q int) error {
		walk, err := w.Walk(s.query(q), slices.Max(efs))
		if err != nil {
			return err
		}
		return c.count(q, walk)
	})
}

// count sets the numbers of query q.
func (c *costs) count(q int, walk *hnsw.Walk) error {
	near, exact := make([]int32, c.k), make([]int32, c.k)
	walk.EffortsWithin(c.radius[q], near)
	walk.Efforts(c.truth[q], exact)
	for ef, t := range c.at {
		t.nodes[q], t.near[q] = int32(walk.Capacity(ef)), int32(fidelity.Reached(near, ef))
		t.same[q] = t.near[q]
		if c.tied[q] { // engines may return other points at the same distance
			list, err := walk.Answer(hnsw.Pad, c.k, ef)
			if err != nil {
				return err
			}
			t.same[q] = int32(fidelity.Shared(c.truth[q], list, c.k))
		}
	}
	for ef, t := range c.truncated {
		list, err := walk.Answer(hnsw.Truncate, c.k, ef)
		if err != nil {
			return err
		}
		t.nodes[q], t.same[q] = int32(len(list)), int32(fidelity.Shared(c.truth[q], list, c.k))
		t.near[q] = min(int32(len(list)), int32(fidelity.Reached(near, ef))) // the nearest nodes come first
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for ef, t := range c.at {
		for j, effort := range exact {
			if int(effort) <= ef {
				t.first[j]++
			}
		}
	}
	return nil
}

// need returns the recall and the cost at the effort of a target, or nil if it has none. trials.summary sets the verified recalls.
func (c *costs) need(t target, bound float64) *report.Need {
	if t.effort == 0 {
		return nil
	}
	f := c.at[t.effort]
	visited := slices.Clone(f.nodes)
	slices.Sort(visited)
	reached := 0
	for q, near := range f.near {
		if !c.verify[q] && int(near) >= rankOf(c.Recall, c.k) {
			reached++
		}
	}
	return &report.Need{
		EfSearch: t.effort, Alpha: float64(t.effort) / float64(c.k), Bound: bound,
		Recall:  stat.Mean(c.recalls(func(q int) int { return int(f.near[q]) }), nil),
		Same:    stat.Mean(c.recalls(func(q int) int { return int(f.same[q]) }), nil),
		Reached: float64(reached) / float64(c.calibrated()), Verified: 1, VerifiedEach: 1,
		Visited: mean(visited), Visited99: int(visited[rankOf(0.99, len(visited))-1]),
		VisitShare: mean(visited) / float64(c.Base.N),
		AnyPolicy:  max(t.effort, c.asked(c.k)),
	}
}

func mean(counts []int32) float64 {
	var sum int64
	for _, count := range counts {
		sum += int64(count)
	}
	return float64(sum) / float64(len(counts))
}

// terms returns the terms of a request to an engine with a policy.
func (c *costs) terms(p hnsw.Policy, ef int) hnsw.Terms {
	asker := ann.Query{}
	if !c.own() {
		asker = ann.PointID(0)
	}
	return p.Terms(c.k, ef, asker)
}

// answers returns what an engine with a policy returns at an efSearch, per query; nil if it is an error.
func (c *costs) answers(p hnsw.Policy, ef int) []report.Observation {
	terms := c.terms(p, ef)
	if terms.Rejected {
		return nil
	}
	f := c.at[terms.EfSearch]
	if terms.Most < c.k { // counted on the lists, since not every search visits its own query
		f = c.truncated[ef]
	}
	all := make([]report.Observation, len(f.nodes))
	for q, nodes := range f.nodes {
		all[q] = report.Observation{Same: int(f.same[q]), ByDistance: int(f.near[q]), Length: min(int(nodes), c.k), Possible: c.k}
	}
	return all
}

// rows returns a setting for each of rowEfs, as the engine of the report answers.
func (c *costs) rows() ([]report.Setting, error) {
	var rows []report.Setting
	policy := policies[c.words.Policy]
	for _, ef := range c.rowEfs() {
		answers := c.answers(policy, ef)
		if answers == nil {
			rows = append(rows, report.Setting{K: c.k, EfSearch: ef, Rejected: true})
			continue
		}
		row, err := report.NewSetting(c.k, ef, report.ByDistance, answers)
		if err != nil {
			return nil, err
		}
		f := c.at[c.terms(policy, ef).EfSearch]
		row.Capacity = &report.Capacity{Visited: mean(f.nodes), LargestK: c.largestK(f.first)}
		rows = append(rows, row)
	}
	return rows, nil
}

// largestK returns the largest number of neighbours up to k of which the wanted share is visited, by identity.
func (c *costs) largestK(first []int64) (largest int) {
	sum := int64(0)
	for j, count := range first {
		if sum += count; float64(sum) >= c.Recall*float64(j+1)*float64(len(c.queries))*(1-rounding) {
			largest = j + 1
		}
	}
	return largest
}

// policyRows returns a row for each of policyEfs and each policy.
func (c *costs) policyRows() ([]report.PolicyRow, error) {
	rows := []report.PolicyRow{}
	for _, ef := range c.policyEfs() {
		for _, p := range hnsw.Policies {
			row := report.PolicyRow{EfSearch: ef, Policy: p.String(), Engines: enginesWith(p)}
			answers := c.answers(p, ef)
			if row.Rejected = answers == nil; !row.Rejected {
				s, err := report.NewSetting(c.k, ef, report.ByDistance, answers)
				if err != nil {
					return nil, err
				}
				row.Recall, row.Same, row.Length, row.Short = s.RecallByDistance, s.Recall, s.Fill*float64(c.k), s.Short
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}
