package storage

import (
	"context"
	"fmt"

	"anncapacity/lib/internal/progress"
	"anncapacity/lib/storage/duplicate"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/nearest"
	"anncapacity/lib/storage/order"
	"anncapacity/lib/storage/router"
	"anncapacity/lib/storage/stop"
)

var networkWay = Way{
	Key: "router", Name: "network", Memory: 4,
	About: "Clusters of k-means, in the order of the probabilities of a network that was trained on the learn queries, " +
		"with copies of mispredicted vectors.",
	Rules: []stop.Rule{stop.Fixed, stop.Mass, stop.Settled},
	build: func(ctx context.Context, b *builder) (layout.Layout, order.Order, error) {
		if b.Clusters == 0 {
			n, d := float64(b.Base.N), b.Base.D
			if b.Clusters = clustersOfNetwork(b.Memory*n, d, router.DefaultHidden); b.Clusters < 2 {
				return layout.Layout{}, nil, fmt.Errorf(
					"%v bytes for each of %.0f vectors are too few: a network for 2 clusters takes %.3g for each",
					b.Memory, n, (hiddenBytes(d, router.DefaultHidden)+2*unitBytes(router.DefaultHidden))/n)
			}
		}
		p, err := b.kmeans(ctx)
		if err != nil {
			return layout.Layout{}, nil, err
		}
		keys, err := b.nearest(ctx)
		if err != nil {
			return layout.Layout{}, nil, err
		}
		r, err := b.duplicate(ctx, keys, p.Layout())
		if err != nil {
			return layout.Layout{}, nil, err
		}
		return r.Layout, order.NewNetwork(r.Network), nil
	},
	read: order.ReadNetwork,
}

// clustersOfNetwork returns the largest number of clusters for which the parameters of a network with hidden layers of width h and
// the positions of the clusters take at most the given bytes. It may be negative.
func clustersOfNetwork(bytes float64, d, h int) int {
	return int((bytes - hiddenBytes(d, h)) / unitBytes(h))
}

// hiddenBytes returns the bytes of the hidden layers and of the normalization of the d numbers of a query.
func hiddenBytes(d, h int) float64 { return 4 * float64((d+1)*h+(h+1)*h+2*d) }

// unitBytes returns the bytes that a cluster takes in the output layer and for its position.
func unitBytes(h int) float64 { return float64(4*(h+1) + positionBytes) }

// nearest returns the nearest base vector of each training query.
func (b *builder) nearest(ctx context.Context) ([]int32, error) {
	bar := progress.New(b.Progress, "nearest base vectors of the learn queries", b.train.N, "queries")
	defer bar.Stop()
	return nearest.Find(ctx, b.Base, b.train, nearest.Options{K: 1, Progress: bar.Add})
}

// duplicate trains the network and copies vectors between its rounds.
func (b *builder) duplicate(ctx context.Context, keys []int32, l layout.Layout) (duplicate.Result, error) {
	bar := b.bar("training the network")
	defer bar.Stop()
	o := duplicate.Options{EpochsPerRound: b.Epochs, Router: router.Options{Seed: b.Seed, Checkpoint: b.checkpoints}}
	if o.EpochsPerRound == 0 {
		o.EpochsPerRound = defaultEpochs
	}
	o.Router.Progress = func(p router.Progress) { bar.SetShare(float64(p.Step) / float64(p.Steps)) }
	return duplicate.Run(ctx, b.Base, b.train, keys, l, o)
}

// defaultEpochs is the number of epochs of a round. The paper trains for 50.
const defaultEpochs = 8
