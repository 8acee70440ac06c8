package storage

import (
	"context"
	"fmt"
	"slices"

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

// PositionBytes returns the bytes that the positions of the units take in memory, as postings.File.MemoryBytes does for a file.
func PositionBytes(base ann.Coordinates, l layout.Layout) int64 {
	first := postings.Pages(l.Size(0), base.D, base.Width())
	for u := range l.Units() {
		if postings.Pages(l.Size(u), base.D, base.Width()) != first {
			return 4 * int64(len(l.Starts))
		}
	}
	return 0
}

// enough is the recall up to which a search is calibrated on many queries. A higher one may take most of the units.
const enough = .998

// calibrate evaluates the rules of the way for every k on the held-out learn queries.
func calibrate(
	ctx context.Context, o Options, way Way, l layout.Layout, units order.Order, held ann.Coordinates,
) (all []Calibration, err error) {
	index := exact.New(o.Base.Vectors())
	bar := progress.New(o.Progress, fmt.Sprintf("exact neighbours of %d learn queries", held.N), 100, "")
	index.Progress = bar.SetShare
	truth, err := index.SearchBatch(ctx, held.Vectors(), slices.Max(o.Ks))
	bar.Stop()
	if err != nil {
		return nil, err
	}
	bar = progress.New(o.Progress, "calibrating the search", len(o.Ks), "")
	defer bar.Stop()
	for _, k := range o.Ks {
		setting := stop.Setting{Base: o.Base, Order: units, Reader: Memory(o.Base, l), K: k, Queries: held, Truth: truth, Enough: enough}
		efforts, err := stop.Sweep(ctx, setting, way.Rules)
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
