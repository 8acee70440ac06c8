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
	"anncapacity/lib/storage/sketch"
	"anncapacity/lib/storage/stop"
)

var sketchWay = Way{
	Key: "sketch", Name: "pages by a sketch", Memory: 16,
	About: "Pages of near vectors, in the order of the probability that they hold the nearest neighbour, estimated from a sketch of every vector in memory.",
	Rules: []stop.Rule{stop.Fixed, stop.Bound},
	build: func(ctx context.Context, b *builder) (layout.Layout, order.Order, error) {
		l, err := Pages(ctx, b.Options)
		if err != nil {
			return l, nil, err
		}
		o, err := SketchOrder(ctx, b.Options, l, b.train)
		return l, o, err
	},
	read: order.ReadSketch,
}

var pagesWay = Way{
	Key: "pages", Name: "pages by their means",
	About: "Pages of near vectors, in the order of the distances of their means, which are kept in memory as float32.",
	Rules: []stop.Rule{stop.Fixed, stop.Settled},
	build: func(ctx context.Context, b *builder) (layout.Layout, order.Order, error) {
		l, err := Pages(ctx, b.Options)
		if err != nil {
			return l, nil, err
		}
		return l, MeansOrder(b.Base, l), nil
	},
	read: order.ReadCentroids,
}

// mostFitted is the maximum number of learn queries to which the probabilities of a sketch are fitted.
const mostFitted = 10_000

// Pages returns the layout of the ways sketch and pages. A vector that takes more than a page is a unit of its own.
func Pages(ctx context.Context, o Options) (layout.Layout, error) {
	bar := progress.New(o.Progress, "pages of near vectors", 100, "")
	defer bar.Stop()
	per := max(1, postings.PerPage(o.Base.D, o.Base.Width()))
	return layout.Pages(ctx, o.Base, layout.PagesOptions{PerPage: per, Seed: o.Seed, Progress: bar.SetShare})
}

// SketchOrder returns the order of the way sketch for a layout of pages. Its probabilities are fitted to some of the queries train.
func SketchOrder(ctx context.Context, o Options, l layout.Layout, train ann.Coordinates) (order.Order, error) {
	bar := progress.New(o.Progress, fmt.Sprintf("sketch of %v bytes a vector", o.Memory), 100, "")
	s, err := sketch.New(ctx, o.Base, l, sketch.Options{BytesPerVector: o.Memory, Seed: o.Seed, Progress: bar.SetShare})
	bar.Stop()
	if err != nil {
		return nil, err
	}
	queries := train.Slice(0, min(train.N, mostFitted))
	nearest, err := nearestOf(ctx, o, queries)
	if err != nil {
		return nil, err
	}
	return order.NewSketch(ctx, s, order.SketchOptions{Layout: l, Queries: queries, Nearest: nearest})
}

// MeansOrder returns the order of the way pages for a layout of pages.
func MeansOrder(base ann.Coordinates, l layout.Layout) order.Order {
	return order.NewCentroids(means(base, l))
}

// nearestOf returns the nearest base vector of each query.
func nearestOf(ctx context.Context, o Options, queries ann.Coordinates) ([]ann.Neighbor, error) {
	index := exact.New(o.Base.Vectors())
	bar := progress.New(o.Progress, fmt.Sprintf("exact neighbours of %d learn queries", queries.N), 100, "")
	defer bar.Stop()
	index.Progress = bar.SetShare
	lists, err := index.SearchBatch(ctx, queries.Vectors(), 1)
	var nearest []ann.Neighbor
	for _, l := range lists {
		nearest = append(nearest, l[0])
	}
	return nearest, err
}

// means returns the mean of the vectors of each unit.
func means(base ann.Coordinates, l layout.Layout) ann.Vectors {
	v := ann.Vectors{N: l.Units(), D: base.D, Data: make([]float32, l.Units()*base.D)}
	row, sum := make([]float32, base.D), make([]float64, base.D)
	for u := range l.Units() {
		clear(sum)
		for _, id := range l.Unit(u) {
			for j, x := range base.Row(int(id), row) {
				sum[j] += float64(x)
			}
		}
		for j := range sum {
			v.Row(u)[j] = float32(sum[j] / float64(max(1, l.Size(u))))
		}
	}
	return v
}
