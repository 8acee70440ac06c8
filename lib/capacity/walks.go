package capacity

import (
	"context"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/study"
)

// walks holds the results of the walks of all queries over one graph.
type walks struct {
	efforts    [][]int32         // per query, the efforts of its exact neighbours
	capacities map[int][]int     // by efSearch, per query
	lists      map[int][][]int32 // by efSearch, per query: the nearest nodes visited
}

// kept lists the values of efSearch at which walkAll keeps capacities and lists.
type kept struct{ capacities, lists []int }

// walkAll performs one walk for every query, up to the largest efSearch in keep.capacities. It calls done after each walk.
func walkAll(ctx context.Context, d *study.Sample, g *hnsw.Graph, keep kept, done func()) (*walks, error) {
	out := newWalks(d.Base.N, keep)
	return out, study.EachQuery(ctx, d.Order, func() (study.Ask, error) {
		walker, err := hnsw.NewWalker(g, hnsw.OnMatrix(d.Matrix))
		var near study.Visited
		return func(q int) error {
			defer done()
			walk, err := walker.Walk(ann.PointID(int32(q)), slices.Max(keep.capacities))
			if err != nil {
				return err
			}
			out.efforts[q] = make([]int32, len(d.Truth[q]))
			walk.Efforts(d.Truth[q], out.efforts[q])
			for _, ef := range keep.capacities {
				out.capacities[ef][q] = walk.Capacity(ef)
			}
			near.Reset(int32(q), len(d.Truth[q]))
			for _, ef := range keep.lists {
				near.Advance(walk, ef)
				for _, m := range near.List {
					out.lists[ef][q] = append(out.lists[ef][q], m.ID)
				}
			}
			return nil
		}, err
	})
}

func newWalks(n int, keep kept) *walks {
	w := &walks{efforts: make([][]int32, n), capacities: make(map[int][]int), lists: make(map[int][][]int32)}
	for _, ef := range keep.capacities {
		w.capacities[ef] = make([]int, n)
	}
	for _, ef := range keep.lists {
		w.lists[ef] = make([][]int32, n)
	}
	return w
}

// overlap returns the mean overlap over the queries at (k, efSearch).
func (w *walks) overlap(k, efSearch int) float64 {
	reached := 0
	for _, efforts := range w.efforts {
		reached += fidelity.Reached(efforts[:k], efSearch)
	}
	return float64(reached) / float64(len(w.efforts)*k)
}

// sortedCapacities returns the capacities of all queries in ascending order.
func (w *walks) sortedCapacities(efSearch int) []int {
	return slices.Sorted(slices.Values(w.capacities[efSearch]))
}
