package study

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"anncapacity/lib/internal/progress"
	"anncapacity/lib/storage"
	"anncapacity/lib/storage/duplicate"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/order"
	"anncapacity/lib/storage/partition"
	"anncapacity/lib/storage/router"
	"anncapacity/lib/storage/stop"
)

// Ways of networks in rows. The paper's has two hidden layers of the default width and one label for each query. The best one that
// was found has wide layers, soft labels over the clusters of the ten nearest vectors, and a linear layer from the centroids.
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

// clusters returns the trial of the clusters of a network in the order of their centroids.
func (s *session) clusters(n Network, seed uint64) trial {
	name := fmt.Sprintf("clusters-%d-%d-%d", n.Base, n.Units, seed)
	return trial{name, s.Plan.Queries, func(ctx context.Context) ([]Row, error) {
		p, err := s.kmeans(ctx, n, seed)
		if err != nil {
			return nil, err
		}
		way, err := storage.WayOf("kmeans")
		if err != nil {
			return nil, err
		}
		row := Row{Data: s.Data, Way: way.Key, Seed: seed}
		return s.evaluateAll(ctx, candidate{row: row, order: order.NewCentroids(p.Centroids), layout: p.Layout(), rules: way.Rules}, n.Base)
	}}
}

// kmeans returns the clusters of a network. It computes them once.
func (s *session) kmeans(ctx context.Context, n Network, seed uint64) (partition.Result, error) {
	key := fmt.Sprint(n.Base, n.Units, seed)
	if p, ok := s.partitions[key]; ok {
		return p, nil
	}
	bar := progress.New(s.Progress, fmt.Sprintf("k-means, %d clusters", n.Units), 100, "")
	defer bar.Stop()
	p, err := partition.KMeans(ctx, first(s.Base, n.Base), partition.Options{Clusters: n.Units, Seed: seed, Sample: 256, Progress: bar.SetShare})
	if err == nil {
		s.partitions[key] = p
	}
	return p, err
}

// evaluateAll evaluates a candidate with all its rules on queries from other photographs, and with a fixed number of units on
// queries that are nearer to the learn set and to the base.
func (s *session) evaluateAll(ctx context.Context, c candidate, n int) ([]Row, error) {
	rows, err := s.evaluate(ctx, c, n, OtherPhotographs, Ks)
	c.rules = []stop.Rule{stop.Fixed}
	for _, name := range []string{LearnPhotographs, NearBase} {
		if err != nil {
			return nil, err
		}
		var of []Row
		of, err = s.evaluate(ctx, c, n, name, []int{1})
		rows = append(rows, of...)
	}
	return rows, err
}

// network returns the trial of the networks on a number of learn queries. An interrupted training resumes from its checkpoints.
func (s *session) network(n Network, learn Learn, seed uint64) trial {
	name := fmt.Sprintf("network-%d-%d-%d-%d", n.Base, n.Units, learn.N, seed)
	settings := fmt.Sprintf("%+v, %d queries", learn, s.Plan.Queries)
	folder := filepath.Join(s.dir, fmt.Sprintf("%s-%s", name, s.key(trial{name: name, settings: settings})))
	return trial{name, settings, func(ctx context.Context) ([]Row, error) {
		p, err := s.kmeans(ctx, n, seed)
		if err != nil {
			return nil, err
		}
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return nil, err
		}
		t := networkTrial{s, n, learn, seed, p, folder}
		rows, err := t.paper(ctx)
		if err == nil && learn.Best {
			var of []Row
			of, err = t.best(ctx)
			rows = append(rows, of...)
		}
		if err != nil {
			return nil, err
		}
		return rows, os.RemoveAll(folder)
	}}
}

// networkTrial trains networks on the first learn queries for the clusters of k-means.
type networkTrial struct {
	*session
	network  Network
	learn    Learn
	seed     uint64
	clusters partition.Result
	folder   string // of the checkpoints and of the rows of finished rounds
}

// row returns the row of a way.
func (t networkTrial) row(way string, round int) Row {
	return Row{Data: t.Data, Way: way, Seed: t.seed, Learn: t.learn.N, Source: t.LearnSource, Round: round}
}

// paper trains the paper's network and evaluates it after every round.
func (t networkTrial) paper(ctx context.Context) (rows []Row, err error) {
	keys, err := t.labels(ctx, t.network.Base, t.learn.N, 1)
	if err != nil {
		return nil, err
	}
	bar := progress.New(t.Progress, fmt.Sprintf("network on %d learn queries", t.learn.N), 100, "")
	defer bar.Stop()
	o := duplicate.Options{Rounds: t.learn.Rounds, EpochsPerRound: t.learn.Epochs, Router: router.Options{
		Seed: t.seed, Batch: t.learn.Batch, Checkpoint: t.folder,
		Progress: func(p router.Progress) { bar.SetShare(float64(p.Step) / float64(p.Steps)) },
	}}
	path := func(round int) string { return filepath.Join(t.folder, fmt.Sprintf("round-%d.rows", round)) }
	o.Trained = func(round int, n *router.Network, l layout.Layout) error {
		_, _, err := stored.Get(path(round), func() ([]Row, error) {
			c := candidate{row: t.row(PaperNetwork, round), order: order.NewNetwork(n), layout: l, rules: networkRules}
			return t.evaluateAll(ctx, c, t.network.Base)
		})
		return err
	}
	_, err = duplicate.Run(ctx, first(t.Base, t.network.Base), first(t.Learn, t.learn.N), keys, t.clusters.Layout(), o)
	for round := 0; round < t.learn.Rounds && err == nil; round++ {
		var of []Row
		of, err = stored.Read(path(round))
		rows = append(rows, of...)
	}
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
		Epochs: t.learn.Rounds * t.learn.Epochs, Checkpoint: t.folder,
		Progress: func(p router.Progress) { bar.SetShare(float64(p.Step) / float64(p.Steps)) },
	})
	if err != nil {
		return nil, err
	}
	c := candidate{row: t.row(BestNetwork, 0), order: order.NewNetwork(n), layout: l, rules: networkRules}
	return t.evaluateAll(ctx, c, t.network.Base)
}
