package advise

import (
	"context"
	"fmt"

	"anncapacity/lib/confidence"
	"anncapacity/lib/report"
)

// Report is the result of Run. It depends on Options alone; its bytes are the same for every GOMAXPROCS. Its Settings are those
// of the best index for each k, on the graph that needs the largest efSearch, over all queries.
type Report struct {
	report.Report

	words wording
}

// Run determines the smallest efSearch that gives the wanted recall on queries like the given ones. It returns ctx.Err() if ctx
// is cancelled, which it checks between queries and between batches of points of an index.
func Run(ctx context.Context, o Options) (*Report, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	p, err := newProblem(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	r, err := p.newReport()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	byK := make([][]result, len(p.questions))
	for _, m := range o.M {
		for _, ef := range o.EfConstruction {
			results, err := p.index(ctx, m, ef)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", o.Name, err)
			}
			for i, x := range results {
				byK[i] = append(byK[i], x)
			}
		}
	}
	for _, results := range byK {
		r.add(results)
	}
	r.finish()
	return r, nil
}

// newReport returns the report without its indexes.
func (p *problem) newReport() (*Report, error) {
	r := &Report{words: wording{p.words, p.own()}, Report: report.Report{
		Version: report.Version, Kind: report.KindAdvice, Name: p.Name, N: p.Base.N, D: p.Base.D, Metric: report.MetricName(p.Metric),
		Policy: string(p.words.Policy), Queries: len(p.queries), Target: report.ByDistance, Wanted: p.Recall,
		Method: &report.Method{OwnQueries: p.own(), AllPoints: !p.own() && len(p.queries) == p.Base.N, CalibratedOn: p.calibrated(),
			VerifiedOn: p.verified(), Share: p.Share, OnMatrix: p.onMatrix, Copies: p.copies.rows, Largest: p.copies.largest, Seed: p.Seed},
	}}
	if p.Engine != "" {
		r.Engine, r.Effort = p.words.Name, p.words.Parameter()
	}
	var err error
	if p.Recall < 1 {
		if r.Method.NeededForMean, err = confidence.Needed(p.Recall, report.Level); err != nil {
			return nil, err
		}
	}
	if p.Share < 1 {
		r.Method.NeededForEach, err = confidence.NeededShare(p.Share, report.Level)
	}
	return r, err
}

// add appends the indexes for one k, the settings of the best, and its advice. The best is the first of those with the fewest
// visited nodes, or the first if there is no advice.
func (r *Report) add(results []result) {
	best := 0
	for i, x := range results {
		if x.Mean != nil && (results[best].Mean == nil || x.Mean.Visited < results[best].Mean.Visited) {
			best = i
		}
	}
	results[best].Best = results[best].Mean != nil
	for _, x := range results {
		r.Indexes = append(r.Indexes, x.Index)
	}
	r.Settings = append(r.Settings, results[best].rows...)
	if results[best].Best {
		if a, err := r.advice(results[best].Index); err == nil {
			r.ByK = append(r.ByK, a)
		}
	}
}

// finish sets the advice that is enough for every k, and the notes.
func (r *Report) finish() {
	ks := 0
	for i, x := range r.Indexes {
		if i == 0 || x.K != r.Indexes[i-1].K {
			ks++
		}
	}
	if len(r.ByK) == ks {
		for i, a := range r.ByK {
			if r.Advice == nil || a.EfSearch > r.Advice.EfSearch {
				r.Advice = &r.ByK[i]
			}
		}
	}
	if ks == 1 {
		r.ByK = nil
	}
	r.Notes = r.notes()
}

// shown returns the best index for each k, or the first if there is no best.
func (r *Report) shown() (all []report.Index) {
	for _, x := range r.Indexes {
		switch last := len(all) - 1; {
		case last < 0 || all[last].K != x.K:
			all = append(all, x)
		case x.Best:
			all[last] = x
		}
	}
	return all
}
