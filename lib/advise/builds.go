package advise

import (
	"context"
	"fmt"
	"math"

	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/progress"
)

// Build is one of the graphs that a Setting was measured on, and what it needs by itself.
type Build struct {
	As           string  `json:"as"`   // the hnsw.Insertion
	Seed         uint64  `json:"seed"` // without effect as FAISS 1.15 with the rows in order
	MeanLinks    float64 `json:"mean_links"`
	Unreachable  int     `json:"unreachable"`
	Highest      float64 `json:"highest_recall"`
	EfSearch     *int    `json:"ef_search"`      // the smallest for the wanted mean recall; null where there is none
	EachEfSearch *int    `json:"ef_search_each"` // the smallest with which 99.9 % of the queries reach it themselves; null likewise
	Recall       float64 `json:"recall"`         // at least, at the efSearch of Setting.Mean; 0 where that is null
}

// insertions are the graphs that are measured, in turn, each with a seed of its own. Where many points are equal or equally far, the order
// of insertion decides how the graph falls apart, so more orders are measured, and one that brings equals together. AsFAISS is
// left out there: among equals it chooses by ID, which no engine does.
var (
	insertions = []hnsw.Insertion{
		hnsw.AsFAISS115, hnsw.AsHNSWLib, hnsw.AsFAISS115Shuffled, hnsw.AsHNSWLibShuffled,
		hnsw.AsFAISS115Shuffled, hnsw.AsHNSWLib, hnsw.AsFAISS, hnsw.AsHNSWLibShuffled,
	}
	tiedInsertions = []hnsw.Insertion{
		hnsw.AsFAISS115, hnsw.AsHNSWLib, hnsw.AsFAISS115Shuffled, hnsw.AsHNSWLibShuffled,
		hnsw.AsFAISS115Shuffled, hnsw.AsHNSWLibSorted, hnsw.AsFAISS115Shuffled, hnsw.AsHNSWLib,
		hnsw.AsFAISS115Shuffled, hnsw.AsHNSWLibShuffled, hnsw.AsFAISS115Shuffled, hnsw.AsHNSWLib,
		hnsw.AsFAISS115Shuffled, hnsw.AsHNSWLibSorted, hnsw.AsFAISS115Shuffled, hnsw.AsHNSWLib,
	}
)

// How many graphs are measured unless Options.Builds says so.
const (
	fewPoints, fewTied          = 20000, 5000
	builds, tiedBuilds          = 8, 16
	erraticBuilds               = 32 // where graphs differ by erraticSpread or more in the highest recall that they allow, or erraticRatio times in efSearch
	erraticSpread, erraticRatio = 0.01, 1.5
	manyPoints, manyAndTied     = 2, 3 // above fewPoints, where a graph takes long
	tiedShare                   = 0.01 // of the queries or rows, from which ties matter
	maxBuilds                   = 64
)

// hasTies says whether ties or copies are frequent enough to matter.
func (p *problem) hasTies() bool {
	return float64(p.ties) >= tiedShare*float64(len(p.queries)) || float64(p.copies.rows) >= tiedShare*float64(p.Base.N)
}

// buildCount is Options.Builds, or what suits the points.
func (p *problem) buildCount() int {
	switch {
	case p.Builds > 0:
		return p.Builds
	case p.Base.N <= fewTied && p.hasTies():
		return tiedBuilds
	case p.Base.N <= fewPoints:
		return builds
	case p.hasTies():
		return manyAndTied
	}
	return manyPoints
}

// buildOptions are those of the i-th graph of a setting.
func (p *problem) buildOptions(i, m, efConstruction int) hnsw.Options {
	order := insertions
	if p.hasTies() {
		order = tiedInsertions
	}
	insertion := order[i%len(order)]
	if insertion == hnsw.AsFAISS115 && i >= len(order) { // a second one would be the same
		insertion = hnsw.AsFAISS115Shuffled
	}
	return hnsw.Options{M: m, EfConstruction: efConstruction, Seed: p.Seed + uint64(i), Insertion: insertion}
}

// trial is one graph, measured.
type trial struct {
	Build
	mean, each target
	efforts    histogram // of the neighbours of all queries
	queries    histogram // of the queries
	costs      *costs    // nil where the trial is not the worst for either target
}

// histogram counts by effort, as far as efforts are known.
type histogram []int64

func newHistogram(efforts []int32) histogram {
	var h histogram
	for _, effort := range efforts {
		if effort == hnsw.Unseen {
			continue
		}
		for int(effort) >= len(h) {
			h = append(h, make([]int64, int(effort)+1-len(h))...)
		}
		h[effort]++
	}
	return h
}

// upTo counts the efforts of at most ef.
func (h histogram) upTo(ef int) (count int64) {
	for _, n := range h[:min(len(h), ef+1)] {
		count += n
	}
	return count
}

// setting measures the graphs of one index; the worst decides.
func (p *problem) setting(ctx context.Context, m, efConstruction int) (Setting, error) {
	var trials []*trial
	var mean, each *trial // the worst for either target
	for i, count := 0, p.buildCount(); i < count; i++ {
		t, s, err := p.try(ctx, fmt.Sprintf("graph %d of %d", i+1, count), p.buildOptions(i, m, efConstruction))
		if err != nil {
			return Setting{}, err
		}
		trials = append(trials, t)
		worseMean, worseEach := mean == nil || t.mean.worse(mean.mean), each == nil || t.each.worse(each.each)
		if worseMean || worseEach {
			if t.costs, err = s.measureCosts(ctx); err != nil {
				return Setting{}, err
			}
		}
		if worseMean {
			mean = t
		}
		if worseEach {
			each = t
		}
		for _, t := range trials {
			if t != mean && t != each {
				t.costs = nil // it holds the graph
			}
		}
		if i == count-1 && count == tiedBuilds && p.Builds == 0 && mean.mean.effort > 0 && p.erratic(trials) {
			count = erraticBuilds
		}
	}
	return p.summary(trials, mean, each), nil
}

// erratic says whether it is a matter of chance what recall a graph allows, or which efSearch it needs (below k + 1 all are the same to most
// engines).
func (p *problem) erratic(trials []*trial) bool {
	least, most := 1.0, 0.0
	small, large := math.MaxInt, 0
	for _, t := range trials {
		least, most = min(least, t.Highest), max(most, t.Highest)
		if t.mean.effort > 0 {
			small, large = min(small, max(p.K+1, t.mean.effort)), max(large, t.mean.effort)
		}
	}
	return most-least >= erraticSpread || float64(large) >= erraticRatio*float64(small)
}

// try builds a graph and finds the efforts that it asks for.
func (p *problem) try(ctx context.Context, name string, o hnsw.Options) (*trial, *survey, error) {
	stop := progress.Spin(p.Progress, fmt.Sprintf("%s: building %v, M = %d, efConstruction = %d", name, o.Insertion, o.M, o.EfConstruction))
	g, err := hnsw.Build(ctx, p.space, o)
	stop()
	if err != nil {
		return nil, nil, err
	}
	s, err := newSurvey(ctx, p, g, name)
	if err != nil {
		return nil, nil, err
	}
	if err := s.run(ctx); err != nil {
		return nil, nil, err
	}
	t := &trial{mean: s.mean, each: s.each, efforts: newHistogram(s.efforts), queries: newHistogram(s.queryEfforts())}
	t.Build = Build{As: o.Insertion.String(), Seed: o.Seed, MeanLinks: g.MeanLinks(), Unreachable: s.unreachable(), Highest: s.highest(),
		EfSearch: s.mean.efSearch(), EachEfSearch: s.each.efSearch()}
	return t, s, nil
}

// summary is what all graphs of a setting keep.
func (p *problem) summary(trials []*trial, mean, each *trial) Setting {
	s := Setting{M: mean.costs.graph.Options().M, EfConstruction: mean.costs.graph.Options().EfConstruction, MeanLinks: mean.MeanLinks,
		Unreachable: mean.Unreachable, Highest: mean.Highest, Decides: mean.As, Erratic: p.erratic(trials), Policies: mean.costs.policies(),
		Mean: mean.costs.advice(mean.mean.effort), Each: each.costs.advice(each.each.effort)}
	for _, t := range trials {
		for i, a := range []*Advice{s.Mean, s.Each} {
			if a == nil {
				continue
			}
			recall := float64(t.efforts.upTo(a.EfSearch)) / float64(len(p.queries)*p.K)
			a.Recall = min(a.Recall, recall)
			a.Same = min(a.Same, a.Recall)
			a.Reached = min(a.Reached, float64(t.queries.upTo(a.EfSearch))/float64(len(p.queries)))
			if i == 0 {
				t.Recall = recall
			}
		}
		s.Builds = append(s.Builds, t.Build)
	}
	return s
}
