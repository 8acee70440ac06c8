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

// Sample holds the points of one run, all of which are also queries, their exact neighbours, and the graphs built on them.
type Sample struct {
	Run    int
	Seed   uint64 // FirstSeed + Run
	Base   ann.Vectors
	Matrix *exact.Matrix
	Truth  [][]int32 // per point, the IDs of its exact neighbours, as many as the largest k
	Order  []int32   // order of the queries; successive queries share many neighbours

	graphs map[int]*hnsw.Graph // by efConstruction
	exact  [][]float32         // per point, the values of fidelity.Measures of the exact list at every k
}

// draw returns the sample of a run: n of the vectors, drawn as NumPy draws them.
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

// neighborOrder returns all points in an order in which each point is followed by its nearest neighbour that does not
// precede it, if there is one. Successive queries then share most of their neighbours, whose vectors are still in the cache.
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

// Graph returns the graph with the given efConstruction on the sample. It builds the graph at the first call.
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

// measureExact computes the measures of the exact lists, which all conditions share.
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

// growth returns the scratch space of one worker.
func (d *Sample) growth() *fidelity.Growth { return fidelity.NewGrowth(d.Base, slices.Max(Ks())) }

// row returns row i of values, which has one value for each of fidelity.Measures.
func row(values []float32, i int) []float32 {
	n := len(fidelity.Measures)
	return values[i*n : (i+1)*n : (i+1)*n]
}
