package live

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat"

	"anncapacity/lib/ann"
	"anncapacity/lib/report"
)

// report returns what was measured with the complete queries.
func (a *audit) report() (*report.Report, error) {
	r := &report.Report{
		Version: report.Version, Kind: report.KindLive, Name: a.index.Name, Engine: a.index.Engine, EngineVersion: a.index.Version,
		Effort: a.index.Effort, Time: a.begin.UTC().Format(time.RFC3339), N: a.index.N, D: a.index.D, Metric: metricName(a.index.Metric), Policy: string(a.policy()),
		Queries: a.complete, Target: a.o.Target, Wanted: a.o.Wanted, Filter: a.index.Filter,
	}
	for _, row := range a.rows {
		s, err := a.setting(row)
		if err != nil {
			return nil, err
		}
		r.Settings = append(r.Settings, s)
	}
	slices.SortStableFunc(r.Settings, func(s, t report.Setting) int {
		return cmp.Or(cmp.Compare(s.K, t.K), cmp.Compare(s.Scan, t.Scan), cmp.Compare(s.EfSearch, t.EfSearch))
	})
	var err error
	if r.Advice, err = a.advice(); err != nil {
		return nil, err
	}
	r.Worst = a.worst(a.verdict(r.Advice))
	r.Notes = a.notes(r)
	return r, nil
}

// metricName returns the name of a metric in a report.
func metricName(m ann.Metric) string {
	return [...]string{ann.Euclidean: "l2", ann.Cosine: "cosine", ann.InnerProduct: "ip"}[m]
}

// setting returns the row's setting with its means and latencies.
func (a *audit) setting(r *row) (s report.Setting, err error) {
	if r.rejected != nil {
		s = report.Setting{K: r.k, EfSearch: r.setting.EfSearch, Rejected: true}
	} else if s, err = report.NewSetting(r.k, r.setting.EfSearch, a.o.Target, a.observations(r)); err != nil {
		return s, err
	}
	s.Scan, s.Present, s.UsesIndex = r.setting.Scan, r.present, r.plan.UsesIndex
	if r.rejected == nil {
		s.Latency = latency(r.answers[:a.complete])
	}
	exact := a.truths
	if a.vectors != nil {
		exact = a.exact
	}
	if !a.index.NoExactScan {
		s.ExactLatency = latency(exact[:a.complete])
	}
	return s, nil
}

// latency returns quantiles of the time that the answers took, in milliseconds.
func latency(of []Answer) *report.Latency {
	took := make([]float64, len(of))
	for i, answer := range of {
		took[i] = answer.Took.Seconds() * 1e3
	}
	slices.Sort(took)
	at := func(share float64) float64 { return stat.Quantile(share, stat.Empirical, took, nil) }
	return &report.Latency{Median: at(.5), High: at(.95), Most: at(.99)}
}

// verdict returns the row of the present setting at the largest k or, without a present setting, that of the advice or the last one
// that was not rejected.
func (a *audit) verdict(advice *report.Advice) (best *row) {
	for _, r := range a.rows {
		advised := advice != nil && r.setting == Setting{advice.EfSearch, advice.Scan}
		switch {
		case r.k != a.o.K[len(a.o.K)-1]:
		case r.present:
			return r
		case best == nil, advised, advice == nil && r.rejected == nil:
			best = r
		}
	}
	return best
}

// worstQueries is the number of queries with the lowest recall that a report lists.
const worstQueries = 10

// worst returns the queries of a row with the lowest recall, lowest first.
func (a *audit) worst(r *row) (all []report.Worst) {
	if r.rejected != nil {
		return nil
	}
	for i := range a.complete {
		o := a.observe(r, i)
		if o.Possible == 0 {
			continue
		}
		truth := a.queries[i].others(a.truths[i], r.k).distances
		all = append(all, report.Worst{Query: a.queries[i].Name, Recall: a.recall(o), Returned: o.Length, Nearest: truth[0], Kth: truth[len(truth)-1]})
	}
	slices.SortStableFunc(all, func(v, w report.Worst) int {
		return cmp.Or(cmp.Compare(v.Recall, w.Recall), cmp.Compare(v.Query, w.Query))
	})
	return all[:min(worstQueries, len(all))]
}

// notes returns how the index was measured, and what was found.
func (a *audit) notes(r *report.Report) (notes []string) {
	notes = append(notes, a.index.Notes...)
	notes = append(notes, a.planNotes()...)
	if most := a.o.K[len(a.o.K)-1]; a.index.Matching < most {
		notes = append(notes, fmt.Sprintf("Only %d vectors can be found, so that no search returns k = %d answers. The fill counts against %[1]d.", a.index.Matching, most))
	}
	for _, row := range a.rows {
		if row.rejected != nil {
			notes = append(notes, fmt.Sprintf("k = %d at %s = %d is rejected: %v.", row.k, a.index.Effort, row.setting.EfSearch, row.rejected))
		}
	}
	if text := a.tooFew(); r.Advice == nil && text != "" {
		notes = append(notes, text)
	}
	notes = append(notes, a.questionsNote())
	notes = append(notes, a.index.How...)
	return append(notes, a.truthNote(), "Latencies are those of one query at a time, with the transfer. The caches are as the queries before have left them.")
}

func (a *audit) questionsNote() string {
	if a.o.Queries.N > 0 {
		return fmt.Sprintf("The queries are %d of the %d given queries, chosen at random with the seed %d.", a.complete, a.o.Queries.N, a.o.Seed)
	}
	which := "stored vectors"
	if a.index.Filter != nil {
		which = "stored vectors that match the filter"
	}
	return fmt.Sprintf("The queries are %d %s, chosen at random with the seed %d. Each asks for k answers; the stored vector itself is left out of them by its ID, so that k − 1 neighbours count.",
		a.complete, which, a.o.Seed)
}

func (a *audit) truthNote() string {
	switch {
	case a.vectors == nil:
		return "The exact neighbours are those of the engine's own exact scan."
	case a.index.NoExactScan:
		return fmt.Sprintf("The exact neighbours were computed by anncapacity from the %d vectors that can be found.", a.vectors.N)
	case len(a.disagree) == 0:
		return fmt.Sprintf("The exact neighbours were computed by anncapacity from the %d vectors that can be found. The engine's own exact scan gives the same distances for every query.", a.vectors.N)
	}
	return fmt.Sprintf("The exact neighbours were computed by anncapacity from the %d vectors that can be found. The engine's own exact scan gives other distances for %d of %d queries: %s.",
		a.vectors.N, len(a.disagree), a.complete, strings.Join(a.disagree[:min(10, len(a.disagree))], ", "))
}
