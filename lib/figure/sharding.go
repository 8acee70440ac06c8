package figure

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/plate"
	"anncapacity/lib/sharding"
)

// withoutSharding returns why the figures of condition 4 cannot be drawn, "" if they can.
func withoutSharding(r *Results) string {
	return unless(len(r.Sharding) > 0, "the records of condition 4 (notebook 9) are missing")
}

// The efforts that the figures of condition 4 show, of condition 4's settings.
const (
	shownPerShard = 50
	shownTotal    = 400
)

// shardStyles holds the styles of sharding.ShardCounts. The lines differ in grey value and dashes; marks are predictions.
var shardStyles = []plate.Style{
	unmarked(0, nil), unmarked(1, []vg.Length{7, 1.5}), unmarked(2, []vg.Length{4, 1.5}), unmarked(3, []vg.Length{2, 1}), unmarked(4, nil),
	{Color: plate.Vermilion, Dashes: []vg.Length{6, 1.5, 1.5, 1.5}},
}

// unmarked returns a shade with dashes and without a marker.
func unmarked(i int, dashes []vg.Length) plate.Style {
	return plate.Style{Color: plate.Shade(i).Color, Dashes: dashes}
}

// asked selects rows of condition 4.
type asked struct {
	by     sharding.Deal // of one shard, both deals are the same
	shards int
	fixed  sharding.Fixed
	value  int
	policy hnsw.Policy
}

// of returns the rows of all runs and k.
func (a asked) of(rows []sharding.Row) []sharding.Row {
	return filter(rows, func(r sharding.Row) bool {
		return (r.Deal == string(a.by) || a.shards == 1) && r.Shards == a.shards && r.Fixed == string(a.fixed) && r.Value == a.value && r.Policy == a.policy.String()
	})
}

// at returns the mean of a number over the runs at k, with its interval; ok is false if there are no rows.
func (a asked) at(rows []sharding.Row, k int, number func(sharding.Row) float64) (p point, ok bool) {
	var values []float64
	for _, r := range a.of(rows) {
		if r.K == k {
			values = append(values, number(r))
		}
	}
	if len(values) == 0 {
		return p, false
	}
	return newPoint(k, values), true
}

// curve returns the means of a number by k.
func (a asked) curve(rows []sharding.Row, number func(sharding.Row) float64) (points []point) {
	for _, group := range groupBy(a.of(rows), func(r sharding.Row) int { return r.K }) {
		var values []float64
		for _, r := range group {
			values = append(values, number(r))
		}
		points = append(points, newPoint(group[0].K, values))
	}
	return points
}

// Numbers of rows.
func overlapOfShards(r sharding.Row) float64   { return r.Overlap }
func predictedOfShards(r sharding.Row) float64 { return r.PredictedOverlap }
func distancesOfShards(r sharding.Row) float64 { return r.Visited }

// shardRuns returns the number of runs, and of queries of each.
func shardRuns(rows []sharding.Row) (runs, queries int) {
	runs = len(groupBy(rows, func(r sharding.Row) int { return r.Run }))
	return runs, rows[0].Queries
}

// shardCounts returns the numbers of shards of the rows, in the order of the condition.
func shardCounts(rows []sharding.Row) []int {
	return filter(sharding.ShardCounts, func(n int) bool {
		return slices.ContainsFunc(rows, func(r sharding.Row) bool { return r.Shards == n })
	})
}

// shardLegend returns a legend of the numbers of shards.
func shardLegend(rows []sharding.Row) *plate.Legend {
	runs, queries := shardRuns(rows)
	legend := plate.NewLegend(fmt.Sprintf("number of shards · %s of %s", count(runs, "run"), count(queries, "query vector")))
	for i, n := range shardCounts(rows) {
		legend.Add(fmt.Sprint(n), plate.Thumbnail(shardStyles[i])...)
	}
	return legend
}

// addInterval draws the band of points, if there is more than one run.
func addInterval(p plate.Panel, points []point, x func(k int) float64, style plate.Style) {
	var low, high plotter.XYs
	for _, at := range points {
		if at.low == at.high {
			continue
		}
		low, high = append(low, plotter.XY{X: x(at.k), Y: at.low}), append(high, plotter.XY{X: x(at.k), Y: at.high})
	}
	if len(low) > 1 {
		p.Band(low, high, style)
	}
}

// byDeal names a deal.
var byDeal = map[sharding.Deal]string{sharding.Random: "at random", sharding.Cell: "by cell"}

// largestK returns the largest k of the rows.
func largestK(rows []sharding.Row) int {
	k, _ := atLargest(rows, func(r sharding.Row) int { return r.K })
	return k
}
