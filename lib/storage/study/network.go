package study

import (
	"context"
	"fmt"

	"anncapacity/lib/internal/progress"
	"anncapacity/lib/storage"
	"anncapacity/lib/storage/duplicate"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/order"
	"anncapacity/lib/storage/partition"
	"anncapacity/lib/storage/router"
	"anncapacity/lib/storage/stop"
)

// Ways of networks in rows. The paper's has two hidden layers of the default width and one label for each query. The best one that was
// found has wide layers, soft labels over the clusters of the ten nearest vectors, and a linear layer from the centroids.
const (
	PaperNetwork = "network"
	BestNetwork  = "network-best"
)

// Settings of the best network.
const (
	bestHidden    = 512
	bestNeighbors = 10
)

// networkRules are the rules that stop a search by a network.
var networkRules = []stop.Rule{stop.Fixed, stop.Mass, stop.Settled}

// networkTests are the test queries on which networks are evaluated.
var networkTests = []string{OtherPhotographs, LearnPhotographs, NearBase}

// network returns the trial of a network and of k-means with the same clusters.
func (s *session) network(n Network, learn Learn, seed uint64) trial {
	name := fmt.Sprintf("network-%d-%d-%d", n.Base, learn.N, seed)
	settings := fmt.Sprintf("%d units, %d rounds, %+v, %v", n.Units, n.Rounds, learn, n.Best)
	return trial{name, settings, func(ctx context.Context) ([]Row, error) {
		p, err := s.clusters(ctx, n, seed)
		if err != nil {
			return nil, err
		}
		t := networkTrial{s, n, learn, seed, p}
		rows, err := t.kmeans(ctx)
		if err != nil {
			return nil, err
		}
		of, err := t.paper(ctx)
		if err != nil {
			return nil, err
		}
		rows = append(rows, of...)
		if n.Best {
			of, err = t.best(ctx)
			rows = append(rows, of...)
		}
		return rows, err
	}}
}

// networkTrial trains networks on the first learn queries for the clusters of k-means.
type networkTrial struct {
	*session
	network  Network
	learn    Learn
	seed     uint64
	clusters partition.Result
}

// clusters returns the clusters of k-means for a network.
func (s *session) clusters(ctx context.Context, n Network, seed uint64) (partition.Result, error) {
	bar := progress.New(s.Progress, fmt.Sprintf("k-means, %d clusters", n.Units), 100, "")
	defer bar.Stop()
	return partition.KMeans(ctx, first(s.Base, n.Base), partition.Options{Clusters: n.Units, Seed: seed, Sample: 256, Progress: bar.SetShare})
}

// row returns the row of a way.
func (t networkTrial) row(way string, round int) Row {
	return Row{Data: t.Data, Way: way, Seed: t.seed, Learn: t.learn.N, Source: t.LearnSource, Round: round}
}

// kmeans evaluates the clusters in the order of their centroids.
func (t networkTrial) kmeans(ctx context.Context) ([]Row, error) {
	way, err := storage.WayOf("kmeans")
	if err != nil {
		return nil, err
	}
	c := candidate{row: t.row(way.Key, 0), order: order.NewCentroids(t.clusters.Centroids), layout: t.clusters.Layout(), rules: way.Rules}
	c.row.Learn, c.row.Source = 0, ""
	return t.evaluate(ctx, c, t.network.Base, networkTests)
}

// paper trains the paper's network and evaluates it after every round.
func (t networkTrial) paper(ctx context.Context) (rows []Row, err error) {
	keys, err := t.labels(ctx, t.network.Base, t.learn.N, 1)
	if err != nil {
		return nil, err
	}
	bar := progress.New(t.Progress, fmt.Sprintf("network on %d learn queries", t.learn.N), 100, "")
	defer bar.Stop()
	o := duplicate.Options{Rounds: t.network.Rounds, EpochsPerRound: t.learn.Epochs, Router: router.Options{
		Seed: t.seed, Batch: t.learn.Batch,
		Progress: func(p router.Progress) { bar.SetShare(float64(p.Step) / float64(p.Steps)) },
	}}
	o.Trained = func(round int, n *router.Network, l layout.Layout) error {
		c := candidate{row: t.row(PaperNetwork, round), order: order.NewNetwork(n), layout: l, rules: networkRules}
		of, err := t.evaluate(ctx, c, t.network.Base, networkTests)
		rows = append(rows, of...)
		return err
	}
	_, err = duplicate.Run(ctx, first(t.Base, t.network.Base), first(t.Learn, t.learn.N), keys, t.clusters.Layout(), o)
	return rows, err
}

// best trains the best network for as many epochs as the paper's.
func (t networkTrial) best(ctx context.Context) ([]Row, error) {
	ids, err := t.labels(ctx, t.network.Base, t.learn.N, bestNeighbors)
	if err != nil {
		return nil, err
	}
	weights := make([]float64, bestNeighbors)
	for i := range weights {
		weights[i] = 1
	}
	l := t.clusters.Layout()
	labels, err := router.Soft(l.Holders(t.network.Base), ids, weights)
	if err != nil {
		return nil, err
	}
	bar := progress.New(t.Progress, fmt.Sprintf("best network on %d learn queries", t.learn.N), 100, "")
	defer bar.Stop()
	n, err := router.Train(ctx, first(t.Learn, t.learn.N), labels, router.Options{
		Units: t.network.Units, Hidden: bestHidden, Centroids: t.clusters.Centroids, Seed: t.seed, Batch: t.learn.Batch,
		Epochs:   t.network.Rounds * t.learn.Epochs,
		Progress: func(p router.Progress) { bar.SetShare(float64(p.Step) / float64(p.Steps)) },
	})
	if err != nil {
		return nil, err
	}
	c := candidate{row: t.row(BestNetwork, 0), order: order.NewNetwork(n), layout: l, rules: networkRules}
	return t.evaluate(ctx, c, t.network.Base, networkTests)
}
