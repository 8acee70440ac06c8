package sharding

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/storage/partition"
)

// Deal is the way in which vectors are dealt to shards.
type Deal string

// The deals. Engines that place a row by the hash of its key deal at random. Engines that place it by a range, a list or a tenant
// deal by cell if near vectors share that attribute; k-means is the extreme case.
const (
	Random Deal = "random" // a random permutation, cut into shards whose sizes differ by at most 1
	Cell   Deal = "cell"   // the cells of k-means, one shard for each
)

// Deals lists all deals.
var Deals = []Deal{Random, Cell}

// ParseDeal returns the deal with a name.
func ParseDeal(name string) (Deal, error) {
	if d := Deal(name); slices.Contains(Deals, d) {
		return d, nil
	}
	return "", fmt.Errorf("shard-by %q: must be random or cell", name)
}

// Split deals the vectors to shards. Each shard holds the IDs of its vectors in ascending order; no shard is empty. It depends on
// base, the number of shards and the seed alone. More shards than vectors are an error, and so is a cell that stays empty, which
// happens if there are fewer different vectors than shards.
func Split(ctx context.Context, base ann.Vectors, shards int, by Deal, seed uint64) ([][]int32, error) {
	if shards < 1 || shards > base.N {
		return nil, fmt.Errorf("sharding: %d shards of %d vectors: must be between 1 and their number", shards, base.N)
	}
	if shards == 1 {
		return [][]int32{ids(base.N)}, nil
	}
	if by == Cell {
		return cells(ctx, base, shards, seed)
	}
	all := ids(base.N)
	rand.New(rand.NewPCG(seed, uint64(shards))).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	split := make([][]int32, shards)
	for s := range split {
		split[s] = all[s*base.N/shards : (s+1)*base.N/shards]
		slices.Sort(split[s])
	}
	return split, nil
}

// ids returns 0 … n−1.
func ids(n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// cells returns the cells of k-means with one cell for each shard.
func cells(ctx context.Context, base ann.Vectors, shards int, seed uint64) ([][]int32, error) {
	r, err := partition.KMeans(ctx, base.Coordinates(), partition.Options{Clusters: shards, Seed: seed})
	if err != nil {
		return nil, fmt.Errorf("sharding: %w", err)
	}
	split := make([][]int32, shards)
	for id, cell := range r.Assignment {
		split[cell] = append(split[cell], int32(id))
	}
	for s, members := range split {
		if len(members) == 0 {
			return nil, fmt.Errorf("sharding: cell %d of %d is empty: there are too few different vectors", s, shards)
		}
	}
	return split, nil
}
