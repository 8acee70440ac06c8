package storage

import (
	"context"
	"fmt"

	"anncapacity/lib/ann"
	"anncapacity/lib/exact"
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
		l, err := b.pages(ctx)
		if err != nil {
			return l, nil, err
		}
		bar := b.bar(fmt.Sprintf("sketch of %v bytes a vector", b.Memory))
		s, err := sketch.New(ctx, b.Base, l, sketch.Options{BytesPerVector: b.Memory, Seed: b.Seed, Progress: bar.SetShare})
		bar.Stop()
		if err != nil {
			return l, nil, err
		}
		queries := b.train.Slice(0, min(b.train.N, mostFitted))
		nearest, err := b.nearestOf(ctx, queries)
		if err != nil {
			return l, nil, err
		}
		o, err := order.NewSketch(ctx, s, order.SketchOptions{Layout: l, Queries: queries, Nearest: nearest})
		return l, o, err
	},
	read: order.ReadSketch,
}

var pagesWay = Way{
	Key: "pages", Name: "pages by their means",
	About: "Pages of near vectors, in the order of the distances of their means, which are kept in memory as float32.",
	Rules: []stop.Rule{stop.Fixed, stop.Settled},
	build: func(ctx context.Context, b *builder) (layout.Layout, order.Order, error) {
		l, err := b.pages(ctx)
		if err != nil {
			return l, nil, err
		}
		return l, order.NewCentroids(means(b.Base, l)), nil
	},
	read: order.ReadCentroids,
}

// mostFitted is the maximum number of learn queries to which the probabilities of a sketch are fitted.
const mostFitted = 10_000

// pages returns a layout of pages. A vector that takes more than a page is a unit of its own.
func (b *builder) pages(ctx context.Context) (layout.Layout, error) {
	bar := b.bar("pages of near vectors")
	defer bar.Stop()
	per := max(1, postings.PerPage(b.Base.D, b.Base.Width()))
	return layout.Pages(ctx, b.Base, layout.PagesOptions{PerPage: per, Seed: b.Seed, Progress: bar.SetShare})
}

// nearestOf returns the nearest base vector of each query.
func (b *builder) nearestOf(ctx context.Context, queries ann.Coordinates) ([]ann.Neighbor, error) {
	index := exact.New(b.Base.Vectors())
	bar := b.bar(fmt.Sprintf("exact neighbours of %d learn queries", queries.N))
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
