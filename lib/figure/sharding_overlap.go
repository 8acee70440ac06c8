package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/hnsw"
	"anncapacity/lib/internal/plate"
	"anncapacity/lib/sharding"
)

var shardingOverlap = Entry{
	Name: "ShardingOverlap",
	From: sharding.File,
	Shows: "Overlap of the merged answer of several shards against k, for vectors that are dealt to the shards at random or by cell of k-means, " +
		"with the same efSearch in every shard, and with the same in all shards together. " +
		"Rings: predicted from one graph, before the shards are built. Bands: intervals over the runs.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return ShardingOverlap(r.Sharding, about) },
	unavailable: withoutSharding,
	findings:    func(r *Results) ([]string, error) { return ShardingOverlapFindings(r.Sharding), nil },
}

// ShardingOverlap draws the overlap against k, one panel for each deal and each fixed effort.
func ShardingOverlap(rows []sharding.Row, about Subject) (*Figure, error) {
	if len(rows) == 0 {
		return nil, fmt.Errorf("figure: %w of condition 4", errNoRecords)
	}
	var panels []plate.Panel
	table := [][]string{row("deal", "shards", "fixed", "value", "k", "overlap", "overlap_low", "overlap_high", "predicted_overlap")}
	for _, effort := range []struct {
		fixed sharding.Fixed
		value int
		words string
	}{{sharding.PerShard, shownPerShard, "efSearch %d a shard"}, {sharding.Total, shownTotal, "efSearch %d in all"}} {
		for _, by := range sharding.Deals {
			panel := newKPanel(plate.Letter(len(panels), fmt.Sprintf("overlap, %s, "+effort.words, byDeal[by], effort.value)))
			for i, n := range shardCounts(rows) { // below all lines
				addInterval(panel, asked{by, n, effort.fixed, effort.value, hnsw.Pad}.curve(rows, overlapOfShards), atK, shardStyles[i])
			}
			for i, n := range shardCounts(rows) {
				a := asked{by, n, effort.fixed, effort.value, hnsw.Pad}
				measured, predicted := a.curve(rows, overlapOfShards), a.curve(rows, predictedOfShards)
				style := shardStyles[i]
				panel.Line(means(measured, atK), style, nil)
				if n > 1 {
					panel.Marks(plate.Every(7, means(predicted, atK)), plate.Style{Color: style.Color, Marker: draw.RingGlyph{}, Radius: 2})
				}
				for j, p := range measured {
					table = append(table, row(by, n, effort.fixed, effort.value, p.k, p.mean, p.low, p.high, predicted[j].mean))
				}
			}
			panels = append(panels, panel)
		}
	}
	for _, panel := range panels { // on one scale
		panel.Y.Min, panel.Y.Max = lowest(rows), 1
	}
	marks := plate.NewLegend(" ")
	marks.Add("measured", panels[0].Line(plotter.XYs{}, plate.Style{Color: plate.Ink}, nil)...)
	marks.Add("predicted from one graph", plate.NewPanel("", "").Marks(nil, plate.Style{Color: plate.Ink, Marker: draw.RingGlyph{}, Radius: 2}))
	return newFigure("ShardingOverlap", &plate.Plate{
		Title: "Shards: overlap of the merged answer\n" + about.source(), Width: plate.DoubleColumn, Height: 2 * vg.Inch, PerRow: 2,
		Panels: panels, Legends: []*plate.Legend{shardLegend(rows), marks},
	}, table), nil
}

// lowest returns the lower end of the axis of the overlap: a tenth below all that is shown.
func lowest(rows []sharding.Row) float64 {
	low := 1.
	for _, r := range rows {
		if r.Policy == hnsw.Pad.String() && (r.Fixed == string(sharding.PerShard) && r.Value == shownPerShard || r.Fixed == string(sharding.Total) && r.Value == shownTotal) {
			low = min(low, r.Overlap, r.PredictedOverlap)
		}
	}
	return math.Floor(10*low) / 10
}

// ShardingOverlapFindings says what the overlap is at the largest k, and how many shards raise the k at which it is .95 how much.
func ShardingOverlapFindings(rows []sharding.Row) (said []string) {
	if len(rows) == 0 {
		return nil
	}
	k := largestK(rows)
	for _, fixed := range []struct {
		asked asked
		words string
	}{
		{asked{fixed: sharding.PerShard, value: shownPerShard}, fmt.Sprintf("efSearch %d in every shard", shownPerShard)},
		{asked{fixed: sharding.Total, value: shownTotal}, fmt.Sprintf("efSearch %d in all shards together", shownTotal)},
	} {
		for _, by := range sharding.Deals {
			a := fixed.asked
			a.by = by
			said = append(said, fmt.Sprintf("At k = %d with %s the overlap is %s, dealt %s.", k, fixed.words, inTurn(shardCounts(rows), "shards", func(n int) (string, any) {
				a.shards = n
				p, _ := a.at(rows, k, overlapOfShards)
				return shareOf(p.mean), n
			}), byDeal[by]))
		}
	}
	for _, by := range sharding.Deals {
		said = append(said, reachFinding(rows, by))
	}
	return said
}

// wellFound is the overlap up to which reachFinding follows a curve.
const wellFound = .95

// reachFinding says up to which k the overlap is at least wellFound.
func reachFinding(rows []sharding.Row, by sharding.Deal) string {
	return fmt.Sprintf("The overlap is at least %.2f up to k = %s with efSearch %d in every shard, dealt %s.", wellFound,
		inTurn(shardCounts(rows), "shards", func(n int) (string, any) {
			reach, last := reachOf(asked{by, n, sharding.PerShard, shownPerShard, hnsw.Pad}.curve(rows, overlapOfShards))
			if last {
				return fmt.Sprintf("%.0f and more", reach), n
			}
			return fmt.Sprintf("%.0f", reach), n
		}), shownPerShard, byDeal[by])
}

// reachOf returns the k, interpolated, up to which a curve is at least wellFound; last is true if that is the last k.
func reachOf(points []point) (k float64, last bool) {
	for i, p := range points {
		if p.mean >= wellFound {
			continue
		}
		if i == 0 {
			return 0, false
		}
		before := points[i-1]
		share := (before.mean - wellFound) / (before.mean - p.mean)
		return math.Floor(float64(before.k) + share*float64(p.k-before.k)), false
	}
	return float64(points[len(points)-1].k), true
}
