package advise

import (
	"math"

	"anncapacity/lib/hnsw"
)

// insertions lists the insertions of the graphs of an index, in turn, each with its own seed. tiedInsertions replaces it if
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

// Numbers of graphs per index if Options.Builds is zero.
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
	ties := 0
	for _, q := range p.questions {
		ties = max(ties, q.ties)
	}
	return float64(ties) >= tiedShare*float64(len(p.queries)) || float64(p.copies.rows) >= tiedShare*float64(p.Base.N)
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

// buildOptions returns the options of the i-th graph of an index.
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

// erratic reports whether the graphs differ much in the highest recall or in the efSearch that they need. Values of efSearch
// below the number of requested answers count as equal, since most engines treat them alike.
func (t *trials) erratic() bool {
	least, most := 1.0, 0.0
	small, large := math.MaxInt, 0
	for _, one := range t.all {
		least, most = min(least, one.Highest), max(most, one.Highest)
		if effort := one.observed.effort; effort > 0 {
			small, large = min(small, max(t.asked(t.k), effort)), max(large, effort)
		}
	}
	return most-least >= erraticSpread || float64(large) >= erraticRatio*float64(small)
}
