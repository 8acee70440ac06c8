package sharding

import (
	"context"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
)

// measurement is one run: its points, queries and exact neighbours, and the forecasts from one graph.
type measurement struct {
	run       int
	seed      uint64
	base      ann.Vectors
	queries   []int32
	truth     [][]int32
	ks        []int
	forecasts []*Forecast // per query
}

// outcome is what one query gets at one setting and k, and what was predicted.
type outcome struct {
	counts    Counts
	predicted Prediction
}

// layout returns the rows of one layout. The layout of one shard must be the first: it makes the forecasts.
func (m *measurement) layout(ctx context.Context, l layout) ([]Row, error) {
	split, err := Split(ctx, m.base, l.shards, l.by, m.seed)
	if err != nil {
		return nil, err
	}
	p := m.prediction(split, l)
	if l.shards > 1 {
		if err := m.each(ctx, func() (func(q int) error, error) { return p.query, nil }); err != nil {
			return nil, err
		}
	}
	x, err := Build(ctx, m.base, ann.Euclidean, split, graphOptions(m.seed))
	if err != nil {
		return nil, err
	}
	effort := maxEffort(l.shards, m.ks)
	err = m.each(ctx, func() (func(q int) error, error) {
		s, err := NewSearcher(x)
		return func(q int) error {
			id := m.queries[q]
			if err := s.Walk(m.base.Row(int(id)), id, m.truth[q], effort); err != nil {
				return err
			}
			if l.shards == 1 {
				m.forecasts[q] = NewForecast(s, effort)
				if err := p.query(q); err != nil {
					return err
				}
			}
			p.measure(q, s)
			return nil
		}, err
	})
	return p.rows(), err
}

func (m *measurement) each(ctx context.Context, prepare func() (func(q int) error, error)) error {
	return parallel.Each(ctx, len(m.queries), prepare)
}

// outcomes holds the outcomes of all queries of one layout.
type outcomes struct {
	*measurement
	layout
	split    [][]int32
	home     []int32
	laws     [][]float64 // by number of k
	settings []setting
	of       [][]outcome // per query, by setting and then k
}

func (m *measurement) prediction(split [][]int32, l layout) *outcomes {
	p := &outcomes{measurement: m, layout: l, split: split, home: homes(m.base, split), settings: settings(), of: make([][]outcome, len(m.queries))}
	for q := range p.of {
		p.of[q] = make([]outcome, len(p.settings)*len(m.ks))
	}
	for _, k := range m.ks {
		p.laws = append(p.laws, Law(m.base.N-1, k, l.shards))
	}
	return p
}

// at returns the outcome of a query at setting number i and k number j.
func (p *outcomes) at(q, i, j int) *outcome { return &p.of[q][i*len(p.ks)+j] }

// query predicts the outcomes of one query.
func (p *outcomes) query(q int) error {
	f := p.forecasts[q]
	for i, set := range p.settings {
		ef := set.efSearch(p.shards)
		for j, k := range p.ks {
			o := p.at(q, i, j)
			if p.by == Random {
				o.predicted = f.Random(set.policy, k, ef, p.shards, p.laws[j])
			} else {
				o.predicted = f.Cells(set.policy, k, ef, p.split, p.home, p.truth[q], int(p.home[p.queries[q]]))
			}
		}
	}
	return nil
}

// measure counts the outcomes of the query that s has walked for.
func (p *outcomes) measure(q int, s *Searcher) {
	for i, set := range p.settings {
		for j, k := range p.ks {
			p.at(q, i, j).counts = s.Counts(set.policy, k, set.efSearch(p.shards))
		}
	}
}

// rows returns the means over the queries.
func (p *outcomes) rows() []Row {
	largest := 0
	for _, members := range p.split {
		largest = max(largest, len(members))
	}
	var rows []Row
	for i, set := range p.settings {
		for j, k := range p.ks {
			r := Row{
				Run: p.run, Seed: p.seed, Deal: string(p.by), Shards: p.shards, Largest: largest, Fixed: string(set.fixed), Value: set.value,
				EfSearch: set.efSearch(p.shards), Policy: set.policy.String(), K: k, Queries: len(p.queries),
			}
			p.mean(&r, i, j)
			rows = append(rows, r)
		}
	}
	return rows
}

// mean sets the means of a row.
func (p *outcomes) mean(r *Row, i, j int) {
	for q := range p.queries {
		o := p.at(q, i, j)
		r.Overlap += float64(o.counts.Shared)
		r.Fill += float64(o.counts.Length)
		r.Visited += float64(o.counts.Distances)
		r.PredictedOverlap += o.predicted.Shared
		r.PredictedVisited += o.predicted.Distances
		if o.counts.Rejected {
			r.Rejected++
		}
	}
	n, slots := float64(len(p.queries)), float64(len(p.queries)*r.K)
	r.Overlap, r.Fill, r.PredictedOverlap = r.Overlap/slots, r.Fill/slots, r.PredictedOverlap/slots
	r.Visited, r.PredictedVisited, r.Rejected = r.Visited/n, r.PredictedVisited/n, r.Rejected/n
}
