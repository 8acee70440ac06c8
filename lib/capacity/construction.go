package capacity

import (
	"context"

	"anncapacity/lib/hnsw"
	"anncapacity/lib/study"
)

const constructionFile = "construction.csv"

// ConstructionRow holds the parameters of one graph, its links, and its overlap and capacity at ComparedEfSearch.
type ConstructionRow struct {
	M              int     `csv:"m"`
	EfConstruction int     `csv:"ef_construction"`
	Selection      string  `csv:"selection"`
	MeanLinks      float64 `csv:"mean_links"`  // per node on level 0
	Unreachable    int     `csv:"unreachable"` // nodes that no path on level 0 connects to the entry point
	Overlap100     float64 `csv:"overlap_100"` // at k = 100
	Overlap500     float64 `csv:"overlap_500"`
	CapacityMedian int     `csv:"capacity_median"`
	CapacityMin    int     `csv:"capacity_min"`
}

// compareGraphs builds the graphs of comparedGraphs. It returns a row for each, and the expected first failures of those
// with FAISS's selection rule. It calls done after each walk.
func compareGraphs(ctx context.Context, d *study.Sample, done func()) (rows []ConstructionRow, failures []HardFailureRow, err error) {
	for _, o := range comparedGraphs() {
		g, err := hnsw.Build(ctx, hnsw.OnMatrix(d.Matrix), o)
		if err != nil {
			return nil, nil, err
		}
		w, err := walkAll(ctx, d, g, kept{capacities: study.FixedEfSearch()}, done)
		if err != nil {
			return nil, nil, err
		}
		rows = append(rows, construction(g, w))
		if o.Selection == hnsw.SelectWhenFull {
			failures = append(failures, hardFailures(o, w)...)
		}
	}
	return rows, failures, nil
}

// comparedGraphs returns the options of the compared graphs: the paper's efConstruction under both selection rules, and
// other values of M.
func comparedGraphs() (options []hnsw.Options) {
	for _, selection := range []hnsw.Selection{hnsw.SelectWhenFull, hnsw.SelectAlways} {
		for _, ef := range []int{50, 100, 200, 300, 400} {
			options = append(options, hnsw.Options{M: study.M, EfConstruction: ef, Selection: selection, Seed: study.FirstSeed})
		}
	}
	for _, m := range []int{8, 16, 64} {
		options = append(options, hnsw.Options{M: m, EfConstruction: 200, Seed: study.FirstSeed})
	}
	return options
}

func construction(g *hnsw.Graph, w *walks) ConstructionRow {
	o := g.Options()
	capacities := w.sortedCapacities(ComparedEfSearch)
	return ConstructionRow{
		M: o.M, EfConstruction: o.EfConstruction, Selection: o.Selection.String(), MeanLinks: g.MeanLinks(), Unreachable: g.Unreachable(),
		Overlap100: w.overlap(100, ComparedEfSearch), Overlap500: w.overlap(500, ComparedEfSearch),
		CapacityMedian: capacities[len(capacities)/2], CapacityMin: capacities[0],
	}
}
