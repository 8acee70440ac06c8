package study

import (
	"context"
	"fmt"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// Other engines need a separate search for every k and may be slow. The study therefore sends them one query in ten, in
// one run, and only under conditions that vary efSearch, a parameter that every engine has.
const (
	engineRuns  = 1
	engineShare = 10
)

// engineIndex is the index of another engine on a sample.
type engineIndex struct {
	engine.Searcher
	sample  *Sample
	queries ann.Vectors // the first points of the sample
}

// measureEngine computes the measures of an engine's answers at every value of a condition and every k. It calls answered
// with the number of queries after each batch.
func measureEngine(ctx context.Context, e engine.Engine, d *Sample, c Condition, queries int, answered func(int)) (m *measurement, err error) {
	index, err := e.Build(ctx, d.Base, engine.Options{M: M, EfConstruction: c.EfConstruction, Seed: d.Seed})
	if err != nil {
		return nil, err
	}
	defer func() {
		if closing := index.Close(); err == nil {
			err = closing
		}
	}()
	first, err := d.Base.Subset(firstIDs(queries))
	if err != nil {
		return nil, err
	}
	r := engineIndex{engine.Searcher{Index: index, Name: e.Name, Base: d.Base, Metric: ann.Euclidean}, d, first}
	m = newMeasurement(e.Key, c, d, queries)
	for v, value := range c.Values {
		answers := make([][]ann.Neighbors, len(m.ks)) // by k, then query
		for i, k := range m.ks {
			if answers[i], err = r.search(ctx, c.efSearch(value, k), k); err != nil {
				return nil, fmt.Errorf("efSearch %d, k %d: %w", c.efSearch(value, k), k, err)
			}
			answered(queries)
		}
		if err := m.measureAnswers(ctx, v, answers); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// search returns the k nearest other points of every query.
func (r engineIndex) search(ctx context.Context, efSearch, k int) ([]ann.Neighbors, error) {
	if err := r.SetEfSearch(efSearch); err != nil {
		return nil, err
	}
	raw, err := r.AskBatch(ctx, r.queries, k+1) // the answers include the query itself
	if err != nil {
		return nil, err
	}
	lists := make([]ann.Neighbors, len(raw))
	for q, answer := range raw {
		if lists[q], err = r.Neighbors(ann.Point(r.Base, int32(q)), k, answer); err != nil {
			return nil, err
		}
	}
	return lists, nil
}

// measureAnswers computes the measures of an engine's answers at value number v. answers[i][q] is the answer to query q for
// k number i.
func (m *measurement) measureAnswers(ctx context.Context, v int, answers [][]ann.Neighbors) error {
	d := m.sample
	return EachQuery(ctx, firstIDs(len(m.values)), func() (Ask, error) {
		growth := d.growth()
		return func(q int) error {
			growth.Begin(d.Truth[q], d.Matrix.Row(int32(q)))
			for i, k := range m.ks {
				growth.Answered(answers[i][q])
				growth.Measure(k, m.at(q, v, i))
			}
			return nil
		}, nil
	})
}

// checkEngines returns an error if Indexes contains a name that is not the key of an engine, or an engine that cannot be
// started on this machine.
func (o Options) checkEngines() error {
	known := []string{IndexHNSW}
	for _, e := range o.Engines {
		known = append(known, e.Key)
	}
	for _, index := range o.Indexes {
		if index == IndexHNSW {
			continue
		}
		at := slices.Index(known, index)
		if at < 0 || index == "" {
			return fmt.Errorf("unknown index %q: must be one of %q", index, known)
		}
		if err := o.Engines[at-1].Missing(); err != nil {
			return err
		}
	}
	return nil
}

// engine returns the engine with the given key.
func (o Options) engine(key string) engine.Engine {
	return o.Engines[slices.IndexFunc(o.Engines, func(e engine.Engine) bool { return e.Key == key })]
}
