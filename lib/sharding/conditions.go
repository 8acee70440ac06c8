package sharding

import (
	"anncapacity/lib/hnsw"
	"anncapacity/lib/study"
)

// Condition is the number of the condition of the study: 1 to 3 are those of the paper.
const Condition = "4"

// ShardCounts lists the numbers of shards of the condition.
var ShardCounts = []int{1, 2, 4, 8, 16, 32}

// Fixed says which effort is the same for every number of shards.
type Fixed string

// The values of Fixed.
const (
	PerShard Fixed = "shard" // efSearch of every shard
	Total    Fixed = "total" // the sum of efSearch over the shards
)

// A setting is what every shard is asked at every k.
type setting struct {
	fixed  Fixed
	value  int // efSearch of every shard, or of all together
	policy hnsw.Policy
}

// settings lists the settings of the condition: those of condition 1 on every shard, totals, and the policies at an efSearch of
// every shard that most k exceed.
func settings() (all []setting) {
	for _, ef := range study.FixedEfSearch() {
		all = append(all, setting{PerShard, ef, hnsw.Pad})
	}
	for _, ef := range []int{100, 200, 400, 800} {
		all = append(all, setting{Total, ef, hnsw.Pad})
	}
	for _, p := range []hnsw.Policy{hnsw.Raise, hnsw.Truncate, hnsw.Reject} {
		all = append(all, setting{PerShard, PolicyEfSearch, p})
	}
	return all
}

// PolicyEfSearch is the efSearch of every shard at which the policies are compared.
const PolicyEfSearch = 50

// efSearch returns the efSearch of every shard.
func (s setting) efSearch(shards int) int {
	if s.fixed == Total {
		return max(1, s.value/shards)
	}
	return s.value
}

// maxEffort returns the largest efSearch of a shard at any k.
func maxEffort(shards int, ks []int) (most int) {
	for _, s := range settings() {
		for _, k := range ks {
			most = max(most, terms(s.policy, k, s.efSearch(shards), true, false).EfSearch)
		}
	}
	return most
}
