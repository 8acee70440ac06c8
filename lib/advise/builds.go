package advise

import (
	"context"
	"fmt"
	"math"

	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/progress"
)

// Build describes one of the graphs of a Setting and the efSearch that it needs.
type Build struct {
	As           string  `json:"as"`   // the hnsw.Insertion
	Seed         uint64  `json:"seed"` // no effect for AsFAISS115
	MeanLinks    float64 `json:"mean_links"`
	Unreachable  int     `json:"unreachable"`
	Highest      float64 `json:"highest_recall"`
	EfSearch     *int    `json:"ef_search"`      // smallest efSearch that gives the wanted mean recall; null if there is none
	EachEfSearch *int    `json:"ef_search_each"` // smallest efSearch with which 99.9 % of the queries each reach the wanted recall; null if there is none
	Recall       float64 `json:"recall"`         // lower bound of the mean recall at the efSearch of Setting.Mean; 0 if that is null
}

// insertions lists the insertions of the graphs of a setting, in turn, each with its own seed. tiedInsertions replaces it if
// many points are equal or equally distant. The connectivity of the graph then depends on the order of insertion, so there
// are more orders, among them one that inserts equal points one after another. tiedInsertions excludes AsFAISS, which orders
// ties by ID, as no engine does.
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

// Numbers of graphs per setting if Options.Builds is zero.
const (
	smallSet, smallTiedSet       = 20000, 5000 // maximum number of points
	smallBuilds, smallTiedBuilds = 8, 16       // graphs for at most that many points
	erraticBuilds                = 32          // graphs if those of a small tied set are erratic
	erraticSpread, erraticRatio  = 0.01, 1.5   // minimum difference of the highest recall, and minimum ratio of efSearch, of erratic graphs
	largeBuilds, largeTiedBuilds = 2, 3        // graphs for more points, for which a build takes long
	tiedShare                    = 0.01        // minimum share of queries with ties, or of equal rows, of a tied set
	maxBuilds                    = 64
)

// hasTies reports whether ties or copies are frequent.
func (p *problem) hasTies() bool {
	return float64(p.ties) >= tiedShare*float64(len(p.queries)) || float64(p.copies.rows) >= tiedShare*float64(p.Base.N)
}

// buildCount returns Options.Builds, or the default for the points.
func (p *problem) buildCount() int {
	switch {
	case p.Builds > 0:
		return p.Builds
	case p.Base.N <= smallTiedSet && p.hasTies():
		return smallTiedBuilds
	case p.Base.N <= smallSet:
		return smallBuilds
	case p.hasTies():
		return largeTiedBuilds
	}
	return largeBuilds
}

// buildOptions returns the options of the i-th graph of a setting.
func (p *problem) buildOptions(i, m, efConstruction int) hnsw.Options {
	order := insertions
	if p.hasTies() {
		order = tiedInsertions
	}
	insertion := order[i%len(order)]
	if insertion == hnsw.AsFAISS115 && i >= len(order) { // a second AsFAISS115 graph would equal the first
		insertion = hnsw.AsFAISS115Shuffled
	}
	return hnsw.Options{M: m, EfConstruction: efConstruction, Seed: p.Seed + uint64(i), Insertion: insertion}
}

// trial holds the results for one graph.
type trial struct {
	Build
	mean, each target
	efforts    histogram // of the neighbours of all queries
	queries    histogram // of the queries
	costs      *costs    // nil unless the trial is the worst for a target
}

// histogram holds the number of occurrences of each known effort.
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

// upTo returns the number of efforts that are at most ef.
func (h histogram) upTo(ef int) (count int64) {
	for _, n := range h[:min(len(h), ef+1)] {
		count += n
	}
	return count
}

// setting builds the graphs of one setting and returns the advice for the worst of them.
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
			if t.costs, err = s.computeCosts(ctx); err != nil {
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
				t.costs = nil // releases the graph
			}
		}
		if i == count-1 && count == smallTiedBuilds && p.Builds == 0 && mean.mean.effort > 0 && p.erratic(trials) {
			count = erraticBuilds
		}
	}
	return p.summary(trials, mean, each), nil
}

// erratic reports whether the graphs differ much in the highest recall or in the efSearch that they need. Values of efSearch
// below k + 1 count as equal, since most engines treat them alike.
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

// try builds a graph and determines the efforts that it needs.
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

// summary returns the setting: the advice for the worst trials, and all builds.
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
