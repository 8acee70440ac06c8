package live

import (
	"context"
	"fmt"
	"math"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/progress"
)

// vectors holds the stored vectors that match the filter.
type vectors struct {
	ann.Vectors
	ids    []string
	rows   map[string]int
	metric ann.Metric
}

// distance returns the distance of a stored vector from a query, as it is computed here.
func (v *vectors) distance(query []float32, id string) (float64, bool) {
	row, ok := v.rows[id]
	if !ok {
		return 0, false
	}
	return float64(v.metric.Distance(query, v.Row(row))), true
}

// compute reads the vectors and computes the exact neighbours of every query.
func (a *audit) compute(ctx context.Context) error {
	if err := a.read(ctx); err != nil {
		return err
	}
	index, err := exact.NewMetric(a.vectors.Vectors, a.index.Metric)
	if err != nil {
		return err
	}
	if a.o.Memory > 0 {
		index.MaxMemory = max(1, a.o.Memory-a.bytes())
	}
	asked := ann.Vectors{N: len(a.queries), D: a.index.D}
	for _, q := range a.queries {
		asked.Data = append(asked.Data, q.Vector...)
	}
	lists, err := index.SearchBatch(ctx, asked, min(a.o.K[len(a.o.K)-1], a.vectors.N))
	if err != nil {
		return err
	}
	for i, list := range lists {
		for _, n := range list {
			d, _ := a.vectors.distance(a.queries[i].Vector, a.vectors.ids[n.ID])
			a.truths[i].IDs, a.truths[i].Distances = append(a.truths[i].IDs, a.vectors.ids[n.ID]), append(a.truths[i].Distances, d)
		}
	}
	a.exact = make([]Answer, len(a.queries))
	return nil
}

// bytes returns the memory of the vectors that match, with their IDs.
func (a *audit) bytes() int64 { return int64(a.index.Matching) * (4*int64(a.index.D) + 64) }

// read reads the vectors from the engine.
func (a *audit) read(ctx context.Context) error {
	if a.o.Memory > 0 && 2*a.bytes() > a.o.Memory { // package exact makes a copy
		return fmt.Errorf("the exact neighbours of %d × %d vectors take %.1f GiB, the maximum is %.1f GiB",
			a.index.Matching, a.index.D, float64(2*a.bytes())/(1<<30), float64(a.o.Memory)/(1<<30))
	}
	v := &vectors{metric: a.index.Metric, rows: make(map[string]int, a.index.Matching)}
	v.D = a.index.D
	bar := progress.New(a.o.Progress, "vectors of "+a.index.Name, a.index.Matching, "vectors")
	defer bar.Stop()
	err := a.engine.Vectors(ctx, func(id string, vector []float32) error {
		if len(vector) != v.D {
			return fmt.Errorf("vector %s has %d dimensions, not %d", id, len(vector), v.D)
		}
		if _, twice := v.rows[id]; twice {
			return fmt.Errorf("there are two vectors with the ID %s", id)
		}
		v.rows[id] = v.N
		v.ids, v.Data = append(v.ids, id), append(v.Data, vector...)
		v.N++
		bar.Add(1)
		return nil
	})
	if err == nil {
		v.Vectors, err = ann.NewVectors(v.N, v.D, v.Data)
	}
	a.vectors = v
	return err
}

// agrees reports whether the engine's exact answer to query i is as near, rank by rank, as the one computed here.
func (a *audit) agrees(i int) bool {
	got, want := a.exact[i], a.truths[i]
	if len(got.IDs) != len(want.IDs) {
		return false
	}
	var length float64
	if a.index.Metric == ann.InnerProduct {
		length = ann.Length(a.queries[i].Vector)
	}
	for rank, id := range got.IDs {
		d, ok := a.vectors.distance(a.queries[i].Vector, id)
		if !ok {
			return false
		}
		scale := math.Abs(want.Distances[rank])
		switch a.index.Metric {
		case ann.Cosine:
			scale = 1
		case ann.InnerProduct:
			scale = length * ann.Length(a.vectors.Row(a.vectors.rows[id]))
		}
		if math.Abs(d-want.Distances[rank]) > 1e-5*scale {
			return false
		}
	}
	return true
}
