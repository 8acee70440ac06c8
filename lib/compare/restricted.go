package compare

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// filterRecords builds the engine's index with the attributes of c and searches under every restriction. The deletions come last.
func (s *session) filterRecords(ctx context.Context, e engine.Engine, c column) (records []FilterRecord, err error) {
	options := s.Index
	options.Progress, options.Attributes = s.Progress, c.attributes
	index, err := e.Build(ctx, s.Base, options)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	for _, set := range c.sets {
		if len(set.delete) > 0 {
			if err := index.Delete(ctx, set.delete); err != nil {
				return nil, err
			}
		}
		for _, q := range filterSearches(e, c.k) {
			r := s.newFilterRecord(e, set, q)
			r.Nearby = set.nearby(q.k)
			if err := s.restricted(ctx, e, index, set, q, &r); err != nil {
				return nil, err
			}
			records = append(records, r)
		}
	}
	return records, nil
}

// filterSearches returns the parameters of the searches for every k under one restriction.
func filterSearches(e engine.Engine, ks []int) (all []parameters) {
	for _, k := range ks {
		if e.Exact() {
			all = append(all, parameters{0, k})
			continue
		}
		for _, ef := range filterEf {
			all = append(all, parameters{ef, k})
		}
	}
	return all
}

func (s *session) newFilterRecord(e engine.Engine, set restriction, q parameters) FilterRecord {
	return FilterRecord{
		Engine: e.Name, Version: e.Version(), Metric: s.Metric.String(), Kind: set.kind, Correlation: set.correlation, Share: set.share,
		Allowed: set.count, EfSearch: q.efSearch, K: q.k, Queries: set.asked.vectors.N,
	}
}

// setError stores an error in the record and sets its numbers to NaN.
func (r *FilterRecord) setError(err error) {
	nan := math.NaN()
	r.Overlap, r.Fill, r.FillMin, r.PerSecond, r.Wrong = nan, nan, nan, nan, 0
	r.Error = err.Error()
}

// restricted searches for all queries, one after another, and fills in the record. An error of a search is stored in the record;
// an ID that is none is returned.
func (s *session) restricted(ctx context.Context, e engine.Engine, index engine.Index, set restriction, q parameters, r *FilterRecord) error {
	if q.efSearch > 0 {
		if err := index.SetEfSearch(q.efSearch); err != nil {
			r.setError(err)
			return nil
		}
	}
	answers := make([]engine.Answer, set.asked.vectors.N)
	started := time.Now()
	for i := range answers {
		var err error
		if set.kind == Filtered {
			answers[i], err = index.AskBelow(ctx, set.asked.vectors.Row(i), s.requested(q.k), set.below)
		} else {
			answers[i], err = index.Ask(ctx, set.asked.vectors.Row(i), s.requested(q.k))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			r.setError(err)
			return nil
		}
	}
	r.PerSecond = float64(len(answers)) / time.Since(started).Seconds()
	return s.judge(e, answers, set, r)
}

// judge compares the answers with the exact neighbours among the allowed points. A query without any is left out of the means.
func (s *session) judge(e engine.Engine, answers []engine.Answer, set restriction, r *FilterRecord) error {
	reader := engine.Searcher{Name: e.Name, Base: s.Base, Metric: s.Metric}
	counted := 0
	r.FillMin = 1
	for i, a := range answers {
		list, err := reader.Neighbors(ann.Point(s.Base, set.asked.ids[i]), r.K, a)
		if err != nil {
			return err
		}
		for _, id := range a.IDs {
			if id != engine.Padding && !set.allowed[id] {
				r.Wrong++
			}
		}
		truth := set.truth[i][:min(r.K, len(set.truth[i]))]
		if len(truth) == 0 {
			continue
		}
		shared, filled := 0, 0
		for _, n := range list {
			if set.allowed[n.ID] {
				filled++
			}
			if slices.Contains(truth, n.ID) {
				shared++
			}
		}
		counted++
		fill := float64(filled) / float64(len(truth))
		r.Overlap += float64(shared) / float64(len(truth))
		r.Fill += fill
		r.FillMin = min(r.FillMin, fill)
	}
	r.Overlap /= float64(counted)
	r.Fill /= float64(counted)
	return nil
}
