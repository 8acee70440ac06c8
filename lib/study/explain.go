package study

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"math"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/progress"
)

// shownEfSearch are the efSearch of condition 1, and the one at which graphs and policies are compared.
var shownEfSearch = []int{25, 50, 75, 100}

const comparedEfSearch = 50

// surfaceEfSearch are the efSearch of the surface: four to a doubling, from 2 to 1,024.
func surfaceEfSearch() []int {
	var efs []int
	for e := 2.0; e <= 1024.5; e *= math.Pow(2, .25) {
		if ef := int(math.Round(e)); len(efs) == 0 || efs[len(efs)-1] != ef {
			efs = append(efs, ef)
		}
	}
	return efs
}

// Explain measures, on run 0's points, what the paper could not see, and stores its tables in Options.Out. Tables that
// are stored already, for the same embeddings and subset, are not computed again.
func Explain(ctx context.Context, o Options) (*Explanation, error) {
	o.Runs, o.Conditions, o.Indexes = 1, []string{"1"}, nil
	s, err := open(ctx, o, io.Discard) // Run tells what is converted
	if err != nil {
		return nil, err
	}
	s.bar = progress.New(o.Progress, "explanation", s.Subset*(1+len(comparedGraphs())), "queries")
	defer s.bar.Stop()
	if x, err := ReadExplanation(s.parts); err == nil {
		return x, x.write(o.Out)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	d, err := s.draw(ctx, 0)
	if err != nil {
		return nil, err
	}
	if err := d.build(ctx, s.conditions[0]); err != nil {
		return nil, err
	}
	x := &Explanation{}
	if err := s.explainWalks(ctx, d, x); err != nil {
		return nil, err
	}
	if err := s.explainConstruction(ctx, d, x); err != nil {
		return nil, err
	}
	if err := x.write(s.parts); err != nil {
		return nil, err
	}
	return x, x.write(o.Out)
}

// walked is what the walks of all queries over one graph leave: efforts of the exact neighbours, and capacities.
type walked struct {
	efforts    [][]int32     // per query, of its exact neighbours
	capacities map[int][]int // by efSearch, per query
	lists      map[int][][]int32
}

// walkAll walks once for every query, a step of the progress bar each, as far as the largest of efs; lists asks for the nearest visited at some of them.
func (s *session) walkAll(ctx context.Context, d *sample, g *hnsw.Graph, efs, lists []int) (*walked, error) {
	n := d.base.N
	out := &walked{efforts: make([][]int32, n), capacities: make(map[int][]int), lists: make(map[int][][]int32)}
	for _, ef := range efs {
		out.capacities[ef] = make([]int, n)
	}
	for _, ef := range lists {
		out.lists[ef] = make([][]int32, n)
	}
	return out, s.eachQuery(ctx, d.order, func() (ask, error) {
		w, err := hnsw.NewWalker(g, hnsw.OnMatrix(d.matrix))
		var near neighborhood
		return func(q int) error {
			defer s.bar.Add(1)
			walk, err := w.Walk(ann.PointID(int32(q)), slices.Max(efs))
			if err != nil {
				return err
			}
			out.efforts[q] = make([]int32, len(d.truth[q]))
			walk.Efforts(d.truth[q], out.efforts[q])
			for _, ef := range efs {
				out.capacities[ef][q] = walk.Capacity(ef)
			}
			near.reset(int32(q), len(d.truth[q]))
			for _, ef := range lists {
				near.advance(walk, ef)
				for _, m := range near.list {
					out.lists[ef][q] = append(out.lists[ef][q], m.id)
				}
			}
			return nil
		}, err
	})
}

// overlap is the mean over queries at (k, efSearch).
func (w *walked) overlap(k, efSearch int) float64 {
	reached := 0
	for _, efforts := range w.efforts {
		reached += fidelity.Reached(efforts[:k], efSearch)
	}
	return float64(reached) / float64(len(w.efforts)*k)
}

// explainWalks makes the tables that one walk per query on the study's own graph answers.
func (s *session) explainWalks(ctx context.Context, d *sample, x *Explanation) error {
	efs := surfaceEfSearch()
	raised := s.ks[len(s.ks)-1] + 1
	w, err := s.walkAll(ctx, d, d.graphs[s.conditions[0].EfConstruction], slices.Concat(efs, shownEfSearch, s.raisedEfforts(), []int{raised}), shownEfSearch)
	if err != nil {
		return err
	}
	for _, ef := range efs {
		for _, k := range s.ks {
			x.Surface = append(x.Surface, SurfaceRow{k, ef, w.overlap(k, ef)})
		}
	}
	for _, ef := range shownEfSearch {
		sorted := slices.Sorted(slices.Values(w.capacities[ef]))
		x.Capacity = append(x.Capacity, distribution(ef, sorted)...)
		for _, k := range s.ks {
			failing, _ := slices.BinarySearch(sorted, k)
			x.Failure = append(x.Failure, FailureRow{ef, k, float64(failing) / float64(len(sorted))})
		}
	}
	x.Policies = s.policies(w)
	x.Hubness = s.hubness(d, w)
	return nil
}

// distribution is the capacity at shares from the smallest query to the largest.
func distribution(ef int, sorted []int) (rows []CapacityRow) {
	n := len(sorted)
	for _, rank := range sharedRanks(n) {
		rows = append(rows, CapacityRow{ef, float64(rank) / float64(n), sorted[rank-1]})
	}
	return rows
}

// sharedRanks are ranks 1 … n, dense at the low end, where failures are, and then every hundredth of n.
func sharedRanks(n int) (ranks []int) {
	for r := 1; r < max(1, n/100); r += 1 + r/4 {
		ranks = append(ranks, r)
	}
	for i := 1; i <= 100; i++ {
		if r := n * i / 100; r > 0 {
			ranks = append(ranks, r)
		}
	}
	return ranks
}

// raisedEfforts are the efSearch that the policy Raise searches with.
func (s *session) raisedEfforts() (efs []int) {
	for _, k := range s.ks {
		efs = append(efs, max(comparedEfSearch, k+1))
	}
	return efs
}

// policies compares what the engines return at efSearch 50. A visited exact neighbour's rank among the visited is the
// number of visited exact neighbours up to it, so Truncate's overlap is Pad's, cut off at efSearch − 1 (the query
// takes one of its places). Reject returns nothing.
func (s *session) policies(w *walked) (rows []PolicyRow) {
	const e = comparedEfSearch
	for _, policy := range hnsw.Policies {
		for _, k := range s.ks {
			shared, found := 0, 0
			for q, efforts := range w.efforts {
				a, b := s.policyAnswer(policy, k, efforts, func(ef int) int { return w.capacities[ef][q] })
				shared, found = shared+a, found+b
			}
			slots := float64(len(w.efforts) * k)
			rows = append(rows, PolicyRow{policy.String(), e, k, float64(shared) / slots, float64(found) / slots})
		}
	}
	return rows
}

// policyAnswer counts the exact neighbours in a policy's answer to k, and the answer's length.
func (s *session) policyAnswer(policy hnsw.Policy, k int, efforts []int32, capacity func(ef int) int) (shared, found int) {
	const e = comparedEfSearch
	ef, room := policy.Effort(k, e, ann.PointID(0)), k
	switch {
	case policy == hnsw.Reject && k+1 > e:
		return 0, 0
	case policy == hnsw.Truncate:
		room = min(k, e-1)
	}
	return min(room, fidelity.Reached(efforts[:k], ef)), min(room, capacity(ef))
}

// hubness compares how unevenly points occur in exact and in approximate lists.
func (s *session) hubness(d *sample, w *walked) (rows []HubnessRow) {
	for _, ef := range shownEfSearch {
		for _, k := range []int{10, 50, 100, 200, 500} {
			rows = append(rows, HubnessRow{ef, k, hubness(d.truth, k), hubness(w.lists[ef], k)})
		}
	}
	return rows
}

// graphs that are compared: the paper's efConstruction under both selection rules, and other M.
func comparedGraphs() (options []hnsw.Options) {
	for _, selection := range []hnsw.Selection{hnsw.SelectWhenFull, hnsw.SelectAlways} {
		for _, ef := range []int{50, 100, 200, 300, 400} {
			options = append(options, hnsw.Options{M: M, EfConstruction: ef, Selection: selection, Seed: FirstSeed})
		}
	}
	for _, m := range []int{8, 16, 64} {
		options = append(options, hnsw.Options{M: m, EfConstruction: 200, Seed: FirstSeed})
	}
	return options
}

func (s *session) explainConstruction(ctx context.Context, d *sample, x *Explanation) error {
	options := comparedGraphs()
	x.Construction = make([]ConstructionRow, len(options))
	failures := make([][]HardFailureRow, len(options))
	for i, o := range options {
		g, err := hnsw.Build(ctx, hnsw.OnMatrix(d.matrix), o)
		if err != nil {
			return err
		}
		w, err := s.walkAll(ctx, d, g, shownEfSearch, nil)
		if err != nil {
			return err
		}
		x.Construction[i] = construction(g, w)
		if o.Selection == hnsw.SelectWhenFull {
			failures[i] = hardFailures(o, w)
		}
	}
	x.HardFailure = slices.Concat(failures...)
	return nil
}

func construction(g *hnsw.Graph, w *walked) ConstructionRow {
	o := g.Options()
	capacities := slices.Sorted(slices.Values(w.capacities[comparedEfSearch]))
	return ConstructionRow{
		M: o.M, EfConstruction: o.EfConstruction, Selection: o.Selection.String(), MeanLinks: g.MeanLinks(), Unreachable: g.Unreachable(),
		Overlap100: w.overlap(100, comparedEfSearch), Overlap500: w.overlap(500, comparedEfSearch),
		CapacityMedian: capacities[len(capacities)/2], CapacityMin: capacities[0],
	}
}

// hardFailures are the expected first failures among 1, 10, 100 … queries.
func hardFailures(o hnsw.Options, w *walked) (rows []HardFailureRow) {
	for _, ef := range shownEfSearch {
		sorted := slices.Sorted(slices.Values(w.capacities[ef]))
		for m := 1; m <= len(sorted); m *= 10 {
			rows = append(rows, HardFailureRow{o.M, o.EfConstruction, ef, m, 1 + expectedMinimum(sorted, m)})
		}
	}
	return rows
}

// expectedMinimum is the mean of the smallest of m values drawn from n sorted ones without replacement. The chance that
// all m lie behind the first i is Π_{j<m} (n−i−j)/(n−j).
func expectedMinimum(sorted []int, m int) float64 {
	n := len(sorted)
	mean, behind := 0.0, 1.0 // behind: chance that all m lie behind the first i
	for i, value := range sorted {
		if i+m > n {
			break
		}
		next := behind * float64(n-i-m) / float64(n-i)
		mean += float64(value) * (behind - next)
		behind = next
	}
	return mean
}

// hubness is NaN where every point is in as many lists.
func hubness(lists [][]int32, k int) float64 {
	if skewness, ok := fidelity.Hubness(fidelity.KOccurrence(lists, len(lists), k)); ok {
		return skewness
	}
	return math.NaN()
}
