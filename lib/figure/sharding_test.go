package figure

import (
	"math"
	"strings"
	"testing"

	"anncapacity/lib/hnsw"
	"anncapacity/lib/sharding"
	"anncapacity/lib/study"
)

// sharded returns synthetic rows of condition 4. A search of efSearch e finds 2e of the neighbours in each shard, but half as many if the
// vectors are dealt by cell, and computes 8e distances. Successive runs differ by .01; .02 less is predicted, and twice the distances.
func sharded(runs int) (rows []sharding.Row) {
	for run := range runs {
		for _, shards := range sharding.ShardCounts {
			for _, by := range sharding.Deals {
				if shards == 1 && by == sharding.Cell {
					continue
				}
				for _, k := range study.Ks() {
					for _, value := range []int{25, 50} {
						rows = append(rows, shardedRow(run, shards, by, sharding.PerShard, value, value, k))
					}
					rows = append(rows, shardedRow(run, shards, by, sharding.Total, 400, 400/shards, k))
				}
			}
		}
	}
	return rows
}

func shardedRow(run, shards int, by sharding.Deal, fixed sharding.Fixed, value, ef, k int) sharding.Row {
	reach := 2 * float64(ef*shards)
	if by == sharding.Cell {
		reach /= 2
	}
	r := sharding.Row{
		Run: run, Deal: string(by), Shards: shards, Fixed: string(fixed), Value: value, EfSearch: ef, Policy: hnsw.Pad.String(), K: k, Queries: 200,
		Overlap: min(1, reach/float64(k)) - .01*float64(run), Fill: 1, Visited: 8 * float64(ef*shards), PredictedVisited: 16 * float64(ef*shards),
	}
	r.PredictedOverlap = r.Overlap - .02
	return r
}

// partitioned returns synthetic rows of two layouts, in which PostgreSQL is .01 below the walks.
func partitioned() (rows []sharding.EngineRow) {
	for _, shards := range []int{1, 8} {
		for _, engine := range []string{sharding.Walks, sharding.Partitioned} {
			for _, k := range study.Ks() {
				r := sharding.EngineRow{Engine: engine, Deal: string(sharding.Random), Shards: shards, EfSearch: 40, K: k, Queries: 50, Vectors: 4900, D: 128}
				r.Overlap = min(1, float64(40*shards)/float64(k))
				r.Fill = r.Overlap
				if engine == sharding.Partitioned {
					r.Overlap -= .01
				}
				rows = append(rows, r)
			}
		}
	}
	return rows
}

func TestShardingOverlap(t *testing.T) {
	rows := sharded(2)
	at := cells(drawn(t, &Results{Sharding: rows}, "ShardingOverlap"))
	if want := 2 * 2 * 6 * 50; len(at) != want {
		t.Errorf("%d lines of the table, want %d", len(at), want)
	}
	said := strings.Join(ShardingOverlapFindings(rows), " ")
	for _, want := range []string{
		"At k = 500 with efSearch 50 in every shard the overlap is 19.5 % (shards 1), 39.5 % (2), 79.5 % (4), 99.5 % (8), 99.5 % (16), 99.5 % (32), dealt at random.",
		"At k = 500 with efSearch 400 in all shards together the overlap is 99.5 % (shards 1), 79.5 % (2)", "dealt by cell.",
		"The overlap is at least 0.95 up to k = 104 (shards 1), 209 (2), 418 (4), 500 and more (8), 500 and more (16), 500 and more (32) with efSearch 50 in every shard, dealt at random.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q lacks %q", said, want)
		}
	}
}

func TestShardingPredictionAndPrice(t *testing.T) {
	rows := sharded(2)
	if at := cells(drawn(t, &Results{Sharding: rows}, "ShardingPrediction")); len(at) != 2*5*3*10 {
		t.Errorf("%d lines of the table of predictions", len(at))
	}
	said := strings.Join(ShardingPredictionFindings(rows), " ")
	for _, want := range []string{
		"Dealt at random, the overlap differs from the predicted by 0.020 in the mean and by at most 0.020",
		"Dealt by cell, a query computes 0.50 times the predicted distances in the mean; farthest from them are 0.50 times, with 2 shards",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("%q lacks %q", said, want)
		}
	}
	if at := cells(drawn(t, &Results{Sharding: rows}, "ShardingPrice")); len(at) != 4*6+3+2*2+2*3 { // three efforts, two of which are the same for 8 shards
		t.Errorf("%d lines of the table of prices", len(at))
	}
	said = strings.Join(ShardingPriceFindings(rows), " ")
	if !strings.Contains(said, "With efSearch 50 in every shard, a query of 32 shards at random computes 32.0 times the distances of one graph.") ||
		!strings.Contains(said, "With efSearch 400 in all shards together, a query of 32 shards by cell computes 1.0 times") {
		t.Error(said)
	}
}

func TestShardingPartitions(t *testing.T) {
	rows := partitioned()
	if at := cells(drawn(t, &Results{Partitions: rows}, "ShardingPartitions")); len(at) != len(rows) {
		t.Errorf("%d lines of the table, want %d", len(at), len(rows))
	}
	said := strings.Join(ShardingPartitionsFindings(rows), " ")
	if !strings.Contains(said, "differs from that of the walks by at most 0.010.") ||
		!strings.Contains(said, "At k = 500 PostgreSQL finds 7.0 % (one graph), 63.0 % (8 shards, at random) of the neighbours, and fills 8.0 % (one graph), 64.0 % (8 shards, at random) of the slots.") {
		t.Error(said)
	}
	if k, last := reachOf([]point{{k: 10, mean: 1}, {k: 20, mean: .9}}); math.Abs(k-15) > 1 || last {
		t.Errorf("the overlap is .95 at k = %v", k)
	}
}
