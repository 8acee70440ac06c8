package study

import (
	"context"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/numpy"
)

// Sample is the points of one run, all of them queries too, the truth about them, and the graphs built on them.
type Sample struct {
	Run    int
	Seed   uint64 // FirstSeed + Run
	Base   ann.Vectors
	Matrix *exact.Matrix
	Truth  [][]int32 // per point the IDs of its nearest others, as many as the largest k
	Order  []int32   // in which to ask the points: one after another that shares most of its neighbours

	graphs map[int]*hnsw.Graph // by efConstruction
	exact  [][]float32         // per point, at every k, the values of fidelity.Measures of the exact list
}

// draw takes n of the vectors, as NumPy draws them, and finds the true neighbours of each.
func draw(ctx context.Context, all ann.Vectors, n, run int) (*Sample, error) {
	d := &Sample{Run: run, Seed: FirstSeed + uint64(run), graphs: make(map[int]*hnsw.Graph)}
	rows, err := numpy.Choice(all.N, n, d.Seed)
	if err != nil {
		return nil, err
	}
	if d.Base, err = all.Subset(rows); err != nil {
		return nil, err
	}
	if err := ann.CheckRange(d.Base, ann.Euclidean); err != nil {
		return nil, err
	}
	if d.Matrix, err = exact.AllPairs(ctx, d.Base); err != nil {
		return nil, err
	}
	if d.Truth, err = d.Matrix.NearestIDs(slices.Max(Ks())); err != nil {
		return nil, err
	}
	d.Order = neighborOrder(d.Truth)
	return d, nil
}

// neighborOrder visits every point, each time the nearest neighbour of the last that is not visited yet. Queries in this
// order share most of their neighbours with the query before, whose vectors are still in the cache.
func neighborOrder(truth [][]int32) []int32 {
	order, seen := make([]int32, 0, len(truth)), make([]bool, len(truth))
	for start := range truth {
		for at := int32(start); at >= 0 && !seen[at]; {
			order, seen[at] = append(order, at), true
			next := slices.IndexFunc(truth[at], func(id int32) bool { return !seen[id] })
			if next < 0 {
				break
			}
			at = truth[at][next]
		}
	}
	return order
}

// Graph returns the study's graph on the sample, built at the first call for its efConstruction.
func (d *Sample) Graph(ctx context.Context, efConstruction int) (*hnsw.Graph, error) {
	if g := d.graphs[efConstruction]; g != nil {
		return g, nil
	}
	g, err := hnsw.Build(ctx, hnsw.OnMatrix(d.Matrix), hnsw.Options{M: M, EfConstruction: efConstruction, Seed: d.Seed})
	if err == nil {
		d.graphs[efConstruction] = g
	}
	return g, err
}

// measureExact computes the values of the exact lists, once for all conditions.
func (d *Sample) measureExact(ctx context.Context) error {
	ks := Ks()
	d.exact = make([][]float32, d.Base.N)
	return EachQuery(ctx, d.Order, func() (Ask, error) {
		growth := d.growth()
		return func(q int) error {
			growth.Begin(d.Truth[q], d.Matrix.Row(int32(q)))
			d.exact[q] = make([]float32, len(ks)*len(fidelity.Measures))
			for i, k := range ks {
				growth.MeasureExact(k, row(d.exact[q], i))
			}
			return nil
		}, nil
	})
}

// growth returns the scratch of one core.
func (d *Sample) growth() *fidelity.Growth { return fidelity.NewGrowth(d.Base, slices.Max(Ks())) }

// row returns the values of number i, one for each of fidelity.Measures.
func row(values []float32, i int) []float32 {
	n := len(fidelity.Measures)
	return values[i*n : (i+1)*n : (i+1)*n]
}
