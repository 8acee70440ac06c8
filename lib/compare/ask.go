package compare

import (
	"context"
	"math"
	"slices"
	"time"

	"anncapacity/lib/engine"
	"anncapacity/lib/fidelity"
)

// The latency of single queries is determined from latencyQueries queries, or as many as latencyTime allows.
const (
	latencyQueries = 100
	latencyTime    = time.Second
)

// ask searches for all queries with one (efSearch, k) and returns the record. An error of the batch is stored in the record;
// an invalid ID, or an error of a single query after it, is returned.
func (s *session) ask(ctx context.Context, e engine.Engine, index engine.Index, q parameters) (Record, error) {
	r := Record{Engine: e.Name, Metric: s.Metric.String(), EfSearch: q.efSearch, K: q.k, Queries: s.queries.N}
	answers, err := s.batch(ctx, index, q, &r)
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	if err != nil {
		r.setError(err)
		return r, nil
	}
	if err := s.evaluate(e, answers, &r); err != nil {
		return r, err
	}
	return r, s.latency(ctx, index, q, &r)
}

// batch searches for all queries and records the queries per second.
func (s *session) batch(ctx context.Context, index engine.Index, q parameters, r *Record) ([]engine.Answer, error) {
	if q.efSearch > 0 {
		if err := index.SetEfSearch(q.efSearch); err != nil {
			return nil, err
		}
	}
	started := time.Now()
	answers, err := index.AskBatch(ctx, s.queries, s.requested(q.k))
	r.BatchPerSecond = float64(s.queries.N) / time.Since(started).Seconds()
	return answers, err
}

// setError stores an error in the record and sets its numbers to NaN.
func (r *Record) setError(err error) {
	nan := math.NaN()
	r.Overlap, r.Fill, r.FillMin, r.EmptyShare, r.Repeated, r.Disordered, r.SelfMissing = nan, nan, nan, nan, nan, nan, nan
	r.BatchPerSecond, r.LatencyMedian, r.LatencyP99 = nan, nan, nan
	r.Error = err.Error()
}

// evaluate compares the answers with the exact neighbours.
func (s *session) evaluate(e engine.Engine, answers []engine.Answer, r *Record) error {
	reader := engine.Searcher{Name: e.Name, Base: s.Base, Metric: s.Metric}
	r.FillMin = 1
	for i, a := range answers {
		list, err := reader.Neighbors(s.query(i), r.K, a)
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
		raw := s.inspect(i, a)
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

// raw holds properties of one unchanged answer. Shares are 0 … 1; disordered and selfMissing are 0 or 1, and selfMissing is NaN
// for a query that is no point.
type raw struct {
	repeated, disordered, selfMissing float64
	returned                          int
}

// orderTolerance is the relative decrease of distances that is attributed to rounding.
const orderTolerance = 1e-4

// inspect returns the properties of the answer to a query.
func (s *session) inspect(query int, a engine.Answer) raw {
	out := raw{selfMissing: 1}
	self, own := s.query(query).Self()
	if !own {
		out.selfMissing = math.NaN()
	}
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
		if own && id == self {
			out.selfMissing = 0
		}
		d := float64(s.Metric.Distance(s.queries.Row(query), s.Base.Row(int(id))))
		if d < last-orderTolerance*(1+math.Abs(last)) {
			out.disordered = 1
		}
		last = d
	}
	out.repeated /= float64(max(1, out.returned))
	return out
}

// latency searches for one query after another and records the median and the 99th percentile, in milliseconds.
func (s *session) latency(ctx context.Context, index engine.Index, q parameters, r *Record) error {
	var times []float64
	for i, began := 0, time.Now(); i < min(latencyQueries, s.queries.N) && time.Since(began) < latencyTime; i++ {
		started := time.Now()
		if _, err := index.Ask(ctx, s.queries.Row(i), s.requested(q.k)); err != nil {
			return err
		}
		times = append(times, 1e3*time.Since(started).Seconds())
	}
	slices.Sort(times)
	r.LatencyMedian, r.LatencyP99 = times[len(times)/2], times[(99*len(times)-1)/100]
	return nil
}
