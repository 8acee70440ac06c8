package storage

import (
	"context"
	"fmt"

	"anncapacity/lib/internal/progress"
	"anncapacity/lib/storage/closure"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/order"
	"anncapacity/lib/storage/partition"
	"anncapacity/lib/storage/stop"
)

// centroidRules are the rules of clusters in the order of their centroids.
var centroidRules = []stop.Rule{stop.Fixed, stop.Settled, stop.Ratio}

var kmeansWay = Way{
	Key: "kmeans", Name: "k-means", Memory: 4,
	About: "Clusters of k-means; a query reads those with the nearest centroids.",
	Rules: centroidRules,
	build: func(ctx context.Context, b *builder) (layout.Layout, order.Order, error) {
		p, err := b.kmeans(ctx)
		return p.Layout(), order.NewCentroids(p.Centroids), err
	},
	read: order.ReadCentroids,
}

var balancedWay = Way{
	Key: "balanced", Name: "balanced k-means", Memory: 4,
	About: "Clusters of k-means of about equal size; a query reads those with the nearest centroids.",
	Rules: centroidRules,
	build: func(ctx context.Context, b *builder) (layout.Layout, order.Order, error) {
		bar := b.bar("balanced k-means")
		defer bar.Stop()
		o, err := b.partition()
		if err != nil {
			return layout.Layout{}, nil, err
		}
		o.Progress = bar.SetShare
		p, err := partition.Balanced(ctx, b.Base, partition.BalancedOptions{Options: o})
		return p.Layout(), order.NewCentroids(p.Centroids), err
	},
	read: order.ReadCentroids,
}

var closureWay = Way{
	Key: "spann", Name: "SPANN's closure", Memory: 4,
	About: "Clusters of k-means, with copies of the vectors near a boundary; a query reads those with the nearest centroids.",
	Rules: centroidRules,
	build: func(ctx context.Context, b *builder) (layout.Layout, order.Order, error) {
		p, err := b.kmeans(ctx)
		if err != nil {
			return layout.Layout{}, nil, err
		}
		l, err := Closure(ctx, b.Options, p)
		return l, order.NewCentroids(p.Centroids), err
	},
	read: order.ReadCentroids,
}

// positionBytes is the memory of the position of a unit of any size.
const positionBytes = 4

// Above manyClusters the training samples fewer vectors and iterates less, because the time of an iteration is proportional to the
// number of clusters and of vectors.
const (
	manyClusters     = 4096
	sampleOfMany     = 64
	iterationsOfFew  = 25
	iterationsOfMany = 10
)

// partition returns the options of k-means. The number of clusters is that of the options, or the largest that the memory allows.
func (b *builder) partition() (partition.Options, error) {
	clusters := b.Clusters
	if clusters == 0 {
		clusters = int(b.Memory * float64(b.Base.N) / float64(4*b.Base.D+positionBytes))
	}
	if clusters < 2 {
		return partition.Options{}, fmt.Errorf("%v bytes for each of %d vectors are too few: a cluster takes %d bytes, and at least 2 are needed",
			b.Memory, b.Base.N, 4*b.Base.D+positionBytes)
	}
	o := partition.Options{Clusters: clusters, Seed: b.Seed, Iterations: iterationsOfFew, Sample: 256}
	if clusters > manyClusters {
		o.Iterations, o.Sample = iterationsOfMany, sampleOfMany
	}
	return o, nil
}

// kmeans returns the clusters of k-means.
func (b *builder) kmeans(ctx context.Context) (partition.Result, error) {
	o, err := b.partition()
	if err != nil {
		return partition.Result{}, err
	}
	bar := b.bar(fmt.Sprintf("k-means, %d clusters", o.Clusters))
	defer bar.Stop()
	o.Progress = bar.SetShare
	return partition.KMeans(ctx, b.Base, o)
}

// KMeans returns the clusters of the way kmeans.
func KMeans(ctx context.Context, o Options) (partition.Result, error) {
	return (&builder{Options: o}).kmeans(ctx)
}

// Closure returns the layout of the way spann for the clusters of k-means.
func Closure(ctx context.Context, o Options, p partition.Result) (layout.Layout, error) {
	bar := progress.New(o.Progress, "copies near the boundaries", 100, "")
	defer bar.Stop()
	return closure.Assign(ctx, o.Base, p.Centroids, closure.Options{Progress: bar.SetShare})
}
