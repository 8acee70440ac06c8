package advise

import (
	"context"
	"fmt"
	"runtime"

	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/progress"
	"anncapacity/lib/report"
)

// trial holds the results for one graph and one k.
type trial struct {
	report.Build
	mean, each, observed target
	efforts, held        histogram // of the neighbours of the queries: of those that determine the advice, and of the others
	heldQueries          histogram // of these other queries
	costs                *costs    // nil unless the trial is the worst for a target
}

// trials holds the results for the graphs of one index and one k.
type trials struct {
	*question
	all                  []*trial
	mean, each, observed *trial // the worst for each target
}

// result holds an index and the report's settings on the worst of its graphs.
type result struct {
	report.Index
	rows []report.Setting
}

// index builds the graphs of one index and returns, for every k, what the worst of them needs.
func (p *problem) index(ctx context.Context, m, efConstruction int) ([]result, error) {
	sets := make([]*trials, len(p.questions))
	for i, q := range p.questions {
		sets[i] = &trials{question: q}
	}
	for i, count := 0, p.buildCount(); i < count; i++ {
		o := p.buildOptions(i, m, efConstruction)
		name := fmt.Sprintf("graph %d of %d", i+1, count)
		g, err := p.build(ctx, name, o)
		if err != nil {
			return nil, err
		}
		erratic := false
		for _, t := range sets {
			if err := t.add(ctx, g, name); err != nil {
				return nil, err
			}
			erratic = erratic || t.observed.observed.effort > 0 && t.erratic()
		}
		if i == count-1 && count == smallTiedBuilds && p.Builds == 0 && erratic {
			count = erraticBuilds
		}
	}
	all := make([]result, len(sets))
	for i, t := range sets {
		var err error
		if all[i], err = t.summary(m, efConstruction); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (p *problem) build(ctx context.Context, name string, o hnsw.Options) (*hnsw.Graph, error) {
	runtime.GC() // so that two graphs are never held at once
	bar := progress.New(p.Progress, fmt.Sprintf("%s: building %v, M = %d, efConstruction = %d", name, o.Insertion, o.M, o.EfConstruction), p.space.Len(), "")
	defer bar.Stop()
	o.Progress = bar.SetShare
	return hnsw.Build(ctx, p.space, o)
}

// add determines what a graph needs, and its costs if it is the worst so far for a target.
func (t *trials) add(ctx context.Context, g *hnsw.Graph, name string) error {
	if len(t.questions) > 1 {
		name = fmt.Sprintf("%s, k = %d", name, t.k)
	}
	s, err := newSurvey(ctx, t.question, g, name)
	if err == nil {
		err = s.run(ctx)
	}
	if err != nil {
		return err
	}
	one := newTrial(s)
	t.all = append(t.all, one)
	mean := t.mean == nil || one.mean.worse(t.mean.mean)
	each := t.each == nil || one.each.worse(t.each.each)
	observed := t.observed == nil || one.observed.worse(t.observed.observed)
	if mean || each || observed {
		if one.costs, err = s.computeCosts(ctx); err != nil {
			return err
		}
		s.graph, s.walkers, s.reached, s.efforts = nil, nil, nil, nil // of no further use, and large
	}
	if mean {
		t.mean = one
	}
	if each {
		t.each = one
	}
	if observed {
		t.observed = one
	}
	for _, other := range t.all {
		if other != t.mean && other != t.each && other != t.observed {
			other.costs = nil
		}
	}
	return nil
}

func newTrial(s *survey) *trial {
	o := s.graph.Options()
	t := &trial{mean: s.mean, each: s.each, observed: s.observed}
	t.Build = report.Build{As: o.Insertion.String(), Seed: o.Seed, MeanLinks: s.graph.MeanLinks(), Unreachable: s.unreachable(), Highest: s.observed.highest,
		EfSearch: s.mean.efSearch(), EachEfSearch: s.each.efSearch(), Observed: s.observed.efSearch()}
	for i, effort := range s.queryEfforts() {
		if s.verify[i] {
			t.held, t.heldQueries = t.held.add(s.effortsOf(i)...), t.heldQueries.add(effort)
		} else {
			t.efforts = t.efforts.add(s.effortsOf(i)...)
		}
	}
	return t
}

// summary returns the index: what the worst graphs need, and all graphs.
func (t *trials) summary(m, efConstruction int) (r result, err error) {
	c := t.mean.costs
	x := report.Index{K: t.k, M: m, EfConstruction: efConstruction, Ties: t.ties, MeanLinks: t.mean.MeanLinks, Unreachable: t.mean.Unreachable,
		Highest: t.mean.Highest, Decides: t.mean.As, Erratic: t.erratic(),
		Mean: c.need(t.mean.mean, t.mean.mean.reached), Each: t.each.costs.need(t.each.each, t.each.each.reached), Observed: t.observed.costs.need(t.observed.observed, 0)}
	if x.Policies, err = c.policyRows(); err != nil {
		return r, err
	}
	for _, one := range t.all {
		for _, need := range []*report.Need{x.Mean, x.Each, x.Observed} {
			if need != nil {
				t.lower(need, one)
			}
		}
		if x.Mean != nil {
			one.Recall, one.Verified = t.share(one.efforts, x.Mean.EfSearch, t.calibrated()*t.k), t.share(one.held, x.Mean.EfSearch, t.verified()*t.k)
		}
		x.Builds = append(x.Builds, one.Build)
	}
	rows, err := c.rows()
	return result{x, rows}, err
}

// lower lowers the verified recalls of a need to those of a graph.
func (t *trials) lower(need *report.Need, one *trial) {
	need.Verified = min(need.Verified, t.share(one.held, need.EfSearch, t.verified()*t.k))
	need.VerifiedEach = min(need.VerifiedEach, t.share(one.heldQueries, need.EfSearch, t.verified()))
}

// share returns the share of the efforts that are at most ef; 0 if there are none.
func (t *trials) share(of histogram, ef, count int) float64 {
	if count == 0 {
		return 0
	}
	return float64(of.upTo(ef)) / float64(count)
}
