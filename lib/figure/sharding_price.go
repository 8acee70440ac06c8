package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/plate"
	"anncapacity/lib/sharding"
)

var shardingPrice = Entry{
	Name: "ShardingPrice",
	From: sharding.File,
	Shows: "What a query of several shards costs. Left: distances that a query computes on the lowest level of all shards, against the number of shards. " +
		"Right: overlap against these distances, at every efSearch of the condition; up and left is better.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return ShardingPrice(r.Sharding, about) },
	unavailable: withoutSharding,
	findings:    func(r *Results) ([]string, error) { return ShardingPriceFindings(r.Sharding), nil },
}

// priceK is the number of neighbours of the panel of overlap against distances.
const priceK = 100

// ShardingPrice draws distances against shards, and overlap against distances.
func ShardingPrice(rows []sharding.Row, about Subject) (*Figure, error) {
	if len(rows) == 0 {
		return nil, fmt.Errorf("figure: %w of condition 4", errNoRecords)
	}
	runs, queries := shardRuns(rows)
	left, right := plate.NewPanel(plate.Letter(0, "distances a query"), "shards (logarithmic)"),
		plate.NewPanel(plate.Letter(1, fmt.Sprintf("overlap at k = %d", priceK)), "distances a query (logarithmic)")
	legends := []*plate.Legend{plate.NewLegend(fmt.Sprintf("left · %s of %s", count(runs, "run"), count(queries, "query vector"))), plate.NewLegend("right")}
	table := [][]string{row("panel", "deal", "shards", "fixed", "value", "k", "distances", "overlap")}
	for i, effort := range []asked{{fixed: sharding.PerShard, value: shownPerShard}, {fixed: sharding.Total, value: shownTotal}} {
		for j, by := range sharding.Deals {
			effort.by = by
			var line plotter.XYs
			for _, n := range shardCounts(rows) {
				effort.shards = n
				p, _ := effort.at(rows, priceK, distancesOfShards)
				line = append(line, plotter.XY{X: math.Log10(float64(n)), Y: math.Log10(p.mean)})
				table = append(table, row("a", by, n, effort.fixed, effort.value, priceK, p.mean, ""))
			}
			words := map[sharding.Fixed]string{sharding.PerShard: "efSearch %d a shard, %s", sharding.Total: "efSearch %d in all, %s"}[effort.fixed]
			legends[0].Add(fmt.Sprintf(words, effort.value, byDeal[by]), left.Line(line, plate.Shade(2*i+j), line)...)
		}
	}
	for i, a := range pricedLayouts(rows) {
		var line plotter.XYs
		for _, c := range a.costs(rows, priceK) {
			line = append(line, plotter.XY{X: math.Log10(c.distances), Y: c.overlap})
			table = append(table, row("b", a.by, a.shards, c.fixed, c.value, priceK, c.distances, c.overlap))
		}
		legends[1].Add(a.name(), right.Line(line, plate.Shade(i), line)...)
	}
	left.X.Tick.Marker, left.Y.Tick.Marker, right.X.Tick.Marker = plate.Doublings, plate.Decades125, plate.Decades125
	return newFigure("ShardingPrice", &plate.Plate{
		Title: "Shards: what a query costs\n" + about.source(), Width: plate.DoubleColumn, Height: 2.3 * vg.Inch,
		Panels: []plate.Panel{left, right}, Legends: legends,
	}, table), nil
}

// pricedLayouts returns the layouts of the right panel: one graph, 8 and 32 shards by both deals.
func pricedLayouts(rows []sharding.Row) (all []asked) {
	for _, n := range []int{1, 8, 32} {
		if !slices.Contains(shardCounts(rows), n) {
			continue
		}
		for _, by := range sharding.Deals {
			if n > 1 || by == sharding.Random {
				all = append(all, asked{by: by, shards: n, policy: hnsw.Pad})
			}
		}
	}
	return all
}

func (a asked) name() string {
	if a.shards == 1 {
		return "one graph"
	}
	return fmt.Sprintf("%d shards, %s", a.shards, byDeal[a.by])
}

// cost is what a query costs and finds at one setting.
type cost struct {
	fixed              sharding.Fixed
	value              int
	distances, overlap float64
}

// costs returns the costs of a layout at k over all efforts, ascending in distances.
func (a asked) costs(rows []sharding.Row, k int) (all []cost) {
	mine := filter(rows, func(r sharding.Row) bool {
		return r.K == k && (r.Deal == string(a.by) || a.shards == 1) && r.Shards == a.shards && r.Policy == hnsw.Pad.String()
	})
	for _, group := range groupBy(mine, func(r sharding.Row) int { return r.EfSearch }) {
		c := cost{fixed: sharding.Fixed(group[0].Fixed), value: group[0].Value}
		for _, r := range group {
			c.distances, c.overlap = c.distances+r.Visited/float64(len(group)), c.overlap+r.Overlap/float64(len(group))
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(x, y cost) int { return cmp.Compare(x.distances, y.distances) })
	return all
}

// ShardingPriceFindings says how many distances shards compute, and at which overlap, beside one graph.
func ShardingPriceFindings(rows []sharding.Row) (said []string) {
	if len(rows) == 0 {
		return nil
	}
	n := slices.Max(shardCounts(rows))
	for _, by := range sharding.Deals {
		for _, e := range []asked{{by: by, fixed: sharding.PerShard, value: shownPerShard}, {by: by, fixed: sharding.Total, value: shownTotal}} {
			e.shards = 1
			one, _ := e.at(rows, priceK, distancesOfShards)
			e.shards = n
			many, _ := e.at(rows, priceK, distancesOfShards)
			words := map[sharding.Fixed]string{sharding.PerShard: "in every shard", sharding.Total: "in all shards together"}[e.fixed]
			said = append(said, fmt.Sprintf("With efSearch %d %s, a query of %d shards %s computes %.1f times the distances of one graph.",
				e.value, words, n, byDeal[by], many.mean/one.mean))
		}
	}
	return said
}
