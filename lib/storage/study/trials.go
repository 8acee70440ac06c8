package study

import (
	"context"
	"fmt"
	"math/rand/v2"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/order"
)

// trials returns the trials of the plan in the order in which they run: the cheap ones first.
func (s *session) trials() (all []trial) {
	for _, base := range s.Plan.Bases {
		for _, seed := range s.Plan.Seeds[:min(base.Seeds, len(s.Plan.Seeds))] {
			all = append(all, s.pages(base.N, seed))
			for _, budget := range base.Budgets {
				all = append(all, s.centroids(base.N, budget, seed))
			}
			for _, budget := range base.Balanced {
				all = append(all, s.way("balanced", base.N, budget, seed))
			}
		}
	}
	for i, seed := range s.Plan.Seeds {
		for _, n := range s.Plan.Networks {
			if i >= n.Seeds {
				continue
			}
			all = append(all, s.clusters(n, seed))
			for _, learn := range n.Learns {
				learn.N = min(learn.N, s.Learn.N)
				all = append(all, s.network(n, learn, seed))
			}
		}
	}
	return all
}

// way returns the trial of a way on the first n base vectors.
func (s *session) way(key string, n int, budget float64, seed uint64) trial {
	name := fmt.Sprintf("%s-%d-%v-%d", key, n, budget, seed)
	return trial{name, fmt.Sprint(rulesVersion, s.Plan.Learn, s.Plan.Queries), func(ctx context.Context) ([]Row, error) {
		way, err := storage.WayOf(key)
		if err != nil {
			return nil, err
		}
		o := storage.Options{Base: first(s.Base, n), Memory: budget, Seed: seed, Progress: s.Progress}
		l, units, err := storage.Units(ctx, way, o, first(s.Learn, s.Plan.Learn), "")
		if err != nil {
			return nil, err
		}
		return s.evaluateWay(ctx, key, Row{Seed: seed, Base: n, Budget: budget}, units, l)
	}}
}

// sketchVersion changes whenever the order of pages by a sketch changes.
const sketchVersion = 3

// pages returns the trial of pages, in the order of their means and of sketches, on the first n base vectors.
func (s *session) pages(n int, seed uint64) trial {
	name := fmt.Sprintf("pages-%d-%d", n, seed)
	return trial{name, fmt.Sprint(sketchVersion, s.Plan.Sketches, s.Plan.Learn, s.Plan.Queries), func(ctx context.Context) ([]Row, error) {
		o := storage.Options{Base: first(s.Base, n), Seed: seed, Progress: s.Progress}
		l, err := storage.Pages(ctx, o)
		if err != nil {
			return nil, err
		}
		var rows []Row
		if l.Units() < n { // otherwise the means are all vectors, which a search then has in memory
			rows, err = s.evaluateWay(ctx, "pages", Row{Seed: seed, Base: n}, storage.MeansOrder(o.Base, l), l)
		}
		for _, budget := range s.Plan.Sketches {
			if err != nil {
				return nil, err
			}
			o.Memory = budget
			units, err := storage.SketchOrder(ctx, o, l, first(s.Learn, s.Plan.Learn))
			if err != nil {
				return nil, err
			}
			of, err := s.evaluateWay(ctx, "sketch", Row{Seed: seed, Base: n, Budget: budget}, units, l)
			if err != nil {
				return nil, err
			}
			rows = append(rows, of...)
		}
		return rows, err
	}}
}

// evaluateWay evaluates a layout and an order of a way with the rules of the way. row has the seed, the number of base vectors and
// the budget.
func (s *session) evaluateWay(ctx context.Context, key string, row Row, units order.Order, l layout.Layout) ([]Row, error) {
	way, err := storage.WayOf(key)
	if err != nil {
		return nil, err
	}
	row.Data, row.Way = s.Data, key
	return s.evaluateAll(ctx, candidate{row: row, order: units, layout: l, rules: way.Rules}, row.Base)
}

// rulesVersion changes whenever the rules of ways with centroids change.
const rulesVersion = 2

// centroids returns the trial of k-means and of SPANN's closure of the same clusters, on the first n base vectors.
func (s *session) centroids(n int, budget float64, seed uint64) trial {
	name := fmt.Sprintf("centroids-%d-%v-%d", n, budget, seed)
	return trial{name, fmt.Sprint(rulesVersion, s.Plan.Queries), func(ctx context.Context) ([]Row, error) {
		o := storage.Options{Base: first(s.Base, n), Memory: budget, Seed: seed, Progress: s.Progress}
		p, err := storage.KMeans(ctx, o)
		if err != nil {
			return nil, err
		}
		l, err := storage.Closure(ctx, o, p)
		if err != nil {
			return nil, err
		}
		rows, err := s.evaluateWay(ctx, KMeans, Row{Seed: seed, Base: n, Budget: budget}, order.NewCentroids(p.Centroids), p.Layout())
		if err != nil {
			return nil, err
		}
		of, err := s.evaluateWay(ctx, Closure, Row{Seed: seed, Base: n, Budget: budget}, order.NewCentroids(p.Centroids), l)
		return append(rows, of...), err
	}}
}

// evaluate evaluates a candidate on the named set of test queries.
func (s *session) evaluate(ctx context.Context, c candidate, n int, name string, ks []int) ([]Row, error) {
	t, err := s.test(ctx, n, name)
	if err != nil {
		return nil, err
	}
	return c.evaluate(ctx, first(s.Base, n), t, ks)
}

// test returns a set of test queries for the first n base vectors. It computes the true neighbours once.
func (s *session) test(ctx context.Context, n int, name string) (test, error) {
	for _, t := range s.tests[n] {
		if t.name == name {
			return t, nil
		}
	}
	queries := first(s.Queries, s.Plan.Queries)
	switch name {
	case LearnPhotographs:
		queries = first(s.held, min(mostNear, s.Plan.Queries))
	case NearBase:
		queries = noisy(first(s.Base, n), min(mostNear, s.Plan.Queries, n), noiseOfTest)
	}
	t, err := newTest(ctx, name, first(s.Base, n), queries)
	if err == nil {
		s.tests[n] = append(s.tests[n], t)
	}
	return t, err
}

// mostNear is the maximum number of queries of LearnPhotographs and of NearBase.
const mostNear = 2000

// noiseOfTest is the standard deviation of the noise of NearBase, in standard deviations of all numbers of the base.
const noiseOfTest = .3

// noisy returns count vectors of base, drawn at random, with Gaussian noise. They are of type float32.
func noisy(base ann.Coordinates, count int, deviation float64) ann.Coordinates {
	rng := rand.New(rand.NewPCG(1, 2))
	scale := deviation * deviationOf(base)
	v := ann.Vectors{N: count, D: base.D}
	row := make([]float32, base.D)
	for _, id := range rng.Perm(base.N)[:count] {
		for _, x := range base.Row(id, row) {
			v.Data = append(v.Data, x+float32(scale*rng.NormFloat64()))
		}
	}
	return v.Coordinates()
}
