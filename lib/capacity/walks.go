package capacity

import (
	"context"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/fidelity"
	"anncapacity/lib/hnsw"
	"anncapacity/lib/study"
)

// walks are what the walks of all queries over one graph leave.
type walks struct {
	efforts    [][]int32         // per query, of its exact neighbours
	capacities map[int][]int     // by efSearch, per query
	lists      map[int][][]int32 // by efSearch, per query: the nearest visited
}

// reach says at which efSearch capacities, and at which lists are kept.
type reach struct{ efSearch, lists []int }

// walkAll walks once for every query, as far as the largest efSearch; asked is called after each.
func walkAll(ctx context.Context, d *study.Sample, g *hnsw.Graph, r reach, asked func()) (*walks, error) {
	out := newWalks(d.Base.N, r)
	return out, study.EachQuery(ctx, d.Order, func() (study.Ask, error) {
		walker, err := hnsw.NewWalker(g, hnsw.OnMatrix(d.Matrix))
		var near study.Visited
		return func(q int) error {
			defer asked()
			walk, err := walker.Walk(ann.PointID(int32(q)), slices.Max(r.efSearch))
			if err != nil {
				return err
			}
			out.efforts[q] = make([]int32, len(d.Truth[q]))
			walk.Efforts(d.Truth[q], out.efforts[q])
			for _, ef := range r.efSearch {
				out.capacities[ef][q] = walk.Capacity(ef)
			}
			near.Reset(int32(q), len(d.Truth[q]))
			for _, ef := range r.lists {
				near.Advance(walk, ef)
				for _, m := range near.List {
					out.lists[ef][q] = append(out.lists[ef][q], m.ID)
				}
			}
			return nil
		}, err
	})
}

func newWalks(n int, r reach) *walks {
	w := &walks{efforts: make([][]int32, n), capacities: make(map[int][]int), lists: make(map[int][][]int32)}
	for _, ef := range r.efSearch {
		w.capacities[ef] = make([]int, n)
	}
	for _, ef := range r.lists {
		w.lists[ef] = make([][]int32, n)
	}
	return w
}

// overlap is the mean over queries at (k, efSearch).
func (w *walks) overlap(k, efSearch int) float64 {
	reached := 0
	for _, efforts := range w.efforts {
		reached += fidelity.Reached(efforts[:k], efSearch)
	}
	return float64(reached) / float64(len(w.efforts)*k)
}

// sortedCapacities are those of all queries, ascending.
func (w *walks) sortedCapacities(efSearch int) []int {
	return slices.Sorted(slices.Values(w.capacities[efSearch]))
}
