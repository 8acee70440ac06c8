package storage

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
	"anncapacity/lib/internal/progress"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/order"
	"anncapacity/lib/storage/postings"
	"anncapacity/lib/storage/stop"
	"anncapacity/lib/storage/walk"
)

// Memory returns a reader of the layout that reads from vectors in memory.
func Memory(base ann.Coordinates, l layout.Layout) walk.Memory {
	pages := func(vectors int) int { return postings.Pages(vectors, base.D, base.Width()) }
	return walk.Memory{Base: base, Layout: l, Pages: pages}
}

// calibrate evaluates the rules of the way for every k on the held-out learn queries.
func calibrate(ctx context.Context, o Options, way Way, l layout.Layout, units order.Order, held ann.Coordinates) (all []Calibration, err error) {
	most := 0
	for _, k := range o.Ks {
		if err := ann.CheckK(k, o.Base.N); err != nil {
			return nil, fmt.Errorf("storage: calibration: %w", err)
		}
		most = max(most, k)
	}
	index := exact.New(o.Base.Vectors())
	bar := progress.New(o.Progress, fmt.Sprintf("exact neighbours of %d learn queries", held.N), 100, "")
	index.Progress = bar.SetShare
	truth, err := index.SearchBatch(ctx, held.Vectors(), most)
	bar.Stop()
	if err != nil {
		return nil, err
	}
	bar = progress.New(o.Progress, "calibrating the search", len(o.Ks), "")
	defer bar.Stop()
	for _, k := range o.Ks {
		setting := stop.Setting{Base: o.Base, Order: units, Reader: Memory(o.Base, l), K: k, Queries: held, Truth: truth}
		efforts, err := stop.SweepRules(ctx, setting, way.Rules)
		if err != nil {
			return nil, err
		}
		for i, rule := range way.Rules {
			all = append(all, Calibration{k, rule.Key, efforts[i]})
		}
		bar.Add(1)
	}
	return all, nil
}
