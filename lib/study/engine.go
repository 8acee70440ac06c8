package study

import (
	"context"
	"fmt"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// A foreign engine has to be asked for every k separately and may be slow: it is asked one query in ten, in one run, under
// the conditions that vary what every engine has, efSearch.
const (
	engineRuns  = 1
	engineShare = 10
)

// respondent is a foreign engine with its index of a sample.
type respondent struct {
	engine.Searcher
	sample  *Sample
	queries ann.Vectors // the first points of the sample
}

// measureEngine asks an engine for every k at every value of a condition. asked is called with the number of queries that
// were answered.
func measureEngine(ctx context.Context, e engine.Engine, d *Sample, c Condition, queries int, asked func(int)) (m *measurement, err error) {
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
	r := respondent{engine.Searcher{Index: index, Name: e.Name, Base: d.Base, Metric: ann.Euclidean}, d, first}
	m = newMeasurement(e.Key, c, d, queries)
	for v, value := range c.Values {
		answers := make([][]ann.Neighbors, len(m.ks)) // by k, then query
		for i, k := range m.ks {
			if answers[i], err = r.ask(ctx, c.efSearch(value, k), k); err != nil {
				return nil, fmt.Errorf("efSearch %d, k %d: %w", c.efSearch(value, k), k, err)
			}
			asked(queries)
		}
		if err := m.measureAnswers(ctx, v, answers); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// ask asks every query for its k nearest others.
func (r respondent) ask(ctx context.Context, efSearch, k int) ([]ann.Neighbors, error) {
	if err := r.SetEfSearch(efSearch); err != nil {
		return nil, err
	}
	raw, err := r.AskBatch(ctx, r.queries, k+1) // a point finds itself
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

// measureAnswers measures an engine's answers at value v: answers[i][q] is that to query q for k number i.
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

// checkEngines reports a name among Indexes that is no key of Engines, and an engine that cannot be started here.
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
			return fmt.Errorf("unknown index %q: %v are known", index, known)
		}
		if err := o.Engines[at-1].Missing(); err != nil {
			return err
		}
	}
	return nil
}

// engine returns the engine with a key of Indexes.
func (o Options) engine(key string) engine.Engine {
	return o.Engines[slices.IndexFunc(o.Engines, func(e engine.Engine) bool { return e.Key == key })]
}
