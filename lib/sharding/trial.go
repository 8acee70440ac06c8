package sharding

import (
	"context"
	"fmt"
	"sort"

	"gonum.org/v1/gonum/stat"

	"anncapacity/lib/ann"
	"anncapacity/lib/confidence"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/progress"
	"anncapacity/lib/report"
)

// trial is one build of all shards, with the efforts of the exact neighbours of all queries.
type trial struct {
	*questions
	index     *Index
	split     [][]int32
	efforts   [][]int32   // per query
	maxEffort int         // larger efforts are not known
	forecasts []*Forecast // per query, of one shard alone
}

// trial deals the vectors, builds the shards and walks until the wanted recall is reached for every k, or all walks are exhausted.
func (q *questions) trial(ctx context.Context, build, shards int) (*trial, error) {
	t := &trial{questions: q, efforts: make([][]int32, len(q.truth))}
	o := q.graphs(build)
	stop := progress.Spin(q.Progress, fmt.Sprintf("build %d: %d shards", build+1, shards))
	defer stop()
	by := q.Base
	if q.Metric == ann.Cosine && q.By == Cell && shards > 1 {
		var err error
		if by, err = ann.Normalized(q.Base); err != nil {
			return nil, err
		}
	}
	var err error
	if t.split, err = Split(ctx, by, shards, q.By, o.Seed); err != nil {
		return nil, err
	}
	if t.index, err = Build(ctx, q.Base, q.Metric, t.split, o); err != nil {
		return nil, err
	}
	for t.maxEffort = 64; ; t.maxEffort *= 2 {
		if err := t.walk(ctx); err != nil {
			return nil, err
		}
		if t.maxEffort >= q.Base.N || t.settled() {
			return t, nil
		}
	}
}

// walk walks for every query, and sets the efforts and the forecasts.
func (t *trial) walk(ctx context.Context) error {
	if t.index.Shards() == 1 {
		t.forecasts = make([]*Forecast, len(t.truth))
	}
	return t.each(ctx, t.maxEffort, func(s *Searcher, q int) {
		t.efforts[q] = append(t.efforts[q][:0], s.efforts...)
		if t.forecasts != nil {
			t.forecasts[q] = NewForecast(s, t.maxEffort)
		}
	})
}

// each calls use after the walks of every query, in parallel.
func (t *trial) each(ctx context.Context, effort int, use func(s *Searcher, q int)) error {
	return parallel.Each(ctx, len(t.truth), func() (func(q int) error, error) {
		s, err := NewSearcher(t.index)
		return func(q int) error {
			if err := s.Walk(t.vectors.Row(q), t.self[q], t.truth[q], effort); err != nil {
				return err
			}
			use(s, q)
			return nil
		}, err
	})
}

// settled reports whether an efSearch is known for every k.
func (t *trial) settled() bool {
	for _, k := range t.K {
		if t.efSearch(k) == 0 {
			return false
		}
	}
	return true
}

// verifies reports whether a query is left for the verification. Queries are in random order.
func verifies(q int) bool { return q%verifyEvery == verifyEvery-1 }

// recalls returns the recalls at (k, efSearch) of the queries that verify, or of the others.
func (t *trial) recalls(k, efSearch int, verify bool) (values []float64) {
	for q, efforts := range t.efforts {
		if verifies(q) == verify {
			values = append(values, float64(fidelity.Reached(efforts[:k], efSearch))/float64(k))
		}
	}
	return values
}

// bound returns the lower bound of the mean recall at (k, efSearch). A recall of 1 of all queries is no bound of 1, but is enough for
// a wanted recall of 1.
func (t *trial) bound(k, efSearch int) float64 {
	values := t.recalls(k, efSearch, false)
	if t.Recall == 1 {
		return stat.Mean(values, nil)
	}
	low, err := confidence.LowerMean(values, report.Level)
	if err != nil {
		return 0 // there are values in [0, 1], so that this does not happen
	}
	return low
}

// efSearch returns the smallest efSearch whose bound is sufficient, 0 if none up to maxEffort is.
func (t *trial) efSearch(k int) int {
	return smallest(t.maxEffort, func(ef int) bool { return t.bound(k, ef) >= t.Recall })
}

// smallest returns the smallest of 1 … most for which holds is true, if it is true of all larger ones; 0 if it is true of none.
func smallest(most int, holds func(int) bool) int {
	at := 1 + sort.Search(most, func(i int) bool { return holds(i + 1) })
	if at > most {
		return 0
	}
	return at
}

// highest returns the mean recall of the queries that calibrate if efSearch is not limited.
func (t *trial) highest(k int) float64 { return stat.Mean(t.recalls(k, t.maxEffort, false), nil) }

// predicted returns the efSearch of every shard that one graph predicts for k, without a bound: the smallest whose expected recall is
// sufficient, 0 if none is. one must be the trial of one shard.
func (q *questions) predicted(k int, one *trial, split [][]int32) int {
	others := q.Base.N
	if q.Queries.N == 0 {
		others-- // without the query
	}
	law, home := Law(others, k, len(split)), homes(q.Base, split)
	return smallest(one.maxEffort, func(ef int) bool {
		shared, queries := 0., 0
		for i, f := range one.forecasts {
			if verifies(i) {
				continue
			}
			queries++
			if q.By == Random {
				shared += f.Random(hnsw.Pad, k, ef, len(split), law).Shared
				continue
			}
			own := -1
			if q.self[i] >= 0 {
				own = int(home[q.self[i]])
			}
			shared += f.Cells(hnsw.Pad, k, ef, split, home, q.truth[i], own).Shared
		}
		return shared >= q.Recall*float64(k*queries)*(1-1e-9)
	})
}

// need returns what the shards need for k.
func (q *questions) need(ctx context.Context, k int, one *trial, trials []*trial) (Need, error) {
	n := Need{K: k, Highest: 1, Bound: 1, Verified: 1, Predicted: q.predicted(k, one, trials[0].split)}
	var err error
	if n.OneGraph.EfSearch = one.efSearch(k); n.OneGraph.EfSearch > 0 {
		if n.OneGraph.Distances, _, err = one.answers(ctx, k, n.OneGraph.EfSearch); err != nil {
			return n, err
		}
	}
	enough := true
	for _, t := range trials {
		ef := t.efSearch(k)
		enough = enough && ef > 0
		n.EfSearch, n.Highest = max(n.EfSearch, ef), min(n.Highest, t.highest(k))
	}
	if !enough {
		n.EfSearch, n.Bound, n.Verified = 0, 0, 0
		return n, nil
	}
	n.AnyPolicy = max(n.EfSearch, k+1)
	if q.Queries.N > 0 {
		n.AnyPolicy = max(n.EfSearch, k)
	}
	for _, t := range trials {
		distances, answers, err := t.answers(ctx, k, n.EfSearch)
		if err != nil {
			return n, err
		}
		n.Distances += distances / float64(len(trials))
		n.Bound, n.Verified = min(n.Bound, t.bound(k, n.EfSearch)), min(n.Verified, stat.Mean(t.recalls(k, n.EfSearch, true), nil))
		if n.Policies == nil || answers[0].Recall < n.Policies[0].Recall {
			n.Policies = answers
		}
	}
	return n, nil
}

// answers walks once more, and returns the mean number of distances and the merged answers under every policy.
func (t *trial) answers(ctx context.Context, k, efSearch int) (distances float64, answers []Answers, err error) {
	all := make([][]Counts, len(t.truth))
	err = t.each(ctx, max(efSearch, k+1), func(s *Searcher, q int) {
		for _, p := range hnsw.Policies {
			all[q] = append(all[q], s.Counts(p, k, efSearch))
		}
	})
	if err != nil {
		return 0, nil, err
	}
	slots := float64(k * len(all))
	for i, p := range hnsw.Policies {
		var sum Counts
		for _, counts := range all {
			sum.Shared, sum.Length, sum.Rejected = sum.Shared+counts[i].Shared, sum.Length+counts[i].Length, counts[i].Rejected
			if p == hnsw.Pad {
				sum.Distances += counts[i].Distances
			}
		}
		distances += float64(sum.Distances) / float64(len(all))
		answers = append(answers, Answers{p.String(), sum.Rejected, float64(sum.Shared) / slots, float64(sum.Length) / slots})
	}
	return distances, answers, nil
}
