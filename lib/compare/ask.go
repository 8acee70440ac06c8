package compare

import (
	"context"
	"math"
	"slices"
	"time"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
	"anncapacity/lib/fidelity"
)

// The latency of single queries is measured on so many, or for so long, whichever ends first.
const (
	latencyQueries = 100
	latencyTime    = time.Second
)

// ask puts one question about every query. What the engine refuses is in the record; an error is one of the connection to it.
func (s *session) ask(ctx context.Context, e engine.Engine, index engine.Index, q question) (Record, error) {
	r := Record{Engine: e.Name, Metric: s.Metric.String(), EfSearch: q.efSearch, K: q.k, Queries: s.queries.N}
	answers, err := s.batch(ctx, index, q, &r)
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	if err != nil {
		r.refuse(err)
		return r, nil
	}
	if err := s.judge(e, answers, &r); err != nil {
		return r, err
	}
	return r, s.latency(ctx, index, q, &r)
}

func (s *session) batch(ctx context.Context, index engine.Index, q question, r *Record) ([]engine.Answer, error) {
	if q.efSearch > 0 {
		if err := index.SetEfSearch(q.efSearch); err != nil {
			return nil, err
		}
	}
	started := time.Now()
	answers, err := index.AskBatch(ctx, s.queries, q.k+1)
	r.BatchPerSecond = float64(s.queries.N) / time.Since(started).Seconds()
	return answers, err
}

// refuse records an error instead of numbers.
func (r *Record) refuse(err error) {
	nan := math.NaN()
	r.Overlap, r.Fill, r.FillMin, r.EmptyShare, r.Repeated, r.Disordered, r.SelfMissing = nan, nan, nan, nan, nan, nan, nan
	r.BatchPerSecond, r.LatencyMedian, r.LatencyP99 = nan, nan, nan
	r.Error = err.Error()
}

// judge compares the answers with the truth.
func (s *session) judge(e engine.Engine, answers []engine.Answer, r *Record) error {
	reader := engine.Searcher{Name: e.Name, Base: s.Base, Metric: s.Metric}
	r.FillMin = 1
	for i, a := range answers {
		list, err := reader.Neighbors(ann.Point(s.Base, s.ids[i]), r.K, a)
		if err != nil {
			return err
		}
		r.Overlap += fidelity.OverlapAt(s.truth[i], list, r.K)
		fill := fidelity.FillAt(len(list), r.K)
		r.Fill += fill
		r.FillMin = min(r.FillMin, fill)
		if len(list) < r.K {
			r.EmptyShare++
		}
		raw := s.look(i, a)
		r.Repeated += raw.repeated
		r.Disordered += raw.disordered
		r.SelfMissing += raw.selfMissing
		r.ReturnedMost = max(r.ReturnedMost, raw.returned)
	}
	n := float64(len(answers))
	for _, sum := range []*float64{&r.Overlap, &r.Fill, &r.EmptyShare, &r.Repeated, &r.Disordered, &r.SelfMissing} {
		*sum /= n
	}
	return nil
}

// raw is one answer as it came: shares are 0 … 1, of its IDs or of one query.
type raw struct {
	repeated, disordered, selfMissing float64
	returned                          int
}

// disorder is the relative step backwards that rounding does not explain.
const disorder = 1e-4

func (s *session) look(query int, a engine.Answer) raw {
	out := raw{selfMissing: 1}
	seen := make(map[int32]bool, len(a.IDs))
	last := math.Inf(-1)
	for _, id := range a.IDs {
		if id == engine.Padding {
			continue
		}
		out.returned++
		if seen[id] {
			out.repeated++
		}
		seen[id] = true
		if id == s.ids[query] {
			out.selfMissing = 0
		}
		d := float64(s.Metric.Distance(s.queries.Row(query), s.Base.Row(int(id))))
		if d < last-disorder*(1+math.Abs(last)) {
			out.disordered = 1
		}
		last = d
	}
	out.repeated /= float64(max(1, out.returned))
	return out
}

// latency asks one query after another.
func (s *session) latency(ctx context.Context, index engine.Index, q question, r *Record) error {
	var times []float64
	for i, began := 0, time.Now(); i < min(latencyQueries, s.queries.N) && time.Since(began) < latencyTime; i++ {
		started := time.Now()
		if _, err := index.Ask(ctx, s.queries.Row(i), q.k+1); err != nil {
			return err
		}
		times = append(times, 1e3*time.Since(started).Seconds())
	}
	slices.Sort(times)
	r.LatencyMedian, r.LatencyP99 = times[len(times)/2], times[(99*len(times)-1)/100]
	return nil
}
