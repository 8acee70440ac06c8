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

var shardingPrediction = Entry{
	Name: "ShardingPrediction",
	From: sharding.File,
	Shows: "Overlap and distances of several shards, measured, against those that the walks over one graph predict before the shards are built. " +
		"The prediction takes each shard for the one graph with fewer of the neighbours: their number is hypergeometric if vectors are dealt at random, and counted if they are dealt by cell.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return ShardingPrediction(r.Sharding, about) },
	unavailable: withoutSharding,
	findings:    func(r *Results) ([]string, error) { return ShardingPredictionFindings(r.Sharding), nil },
}

var dealStyles = map[sharding.Deal]plate.Style{
	sharding.Random: {Color: plate.Blue, Marker: draw.CrossGlyph{}, Radius: 1.4},
	sharding.Cell:   {Color: plate.Vermilion, Marker: draw.RingGlyph{}, Radius: 1.4},
}

// predictedRows returns the rows of more than one shard whose shards pad, at every fifth k.
func predictedRows(rows []sharding.Row, by sharding.Deal) []sharding.Row {
	return filter(rows, func(r sharding.Row) bool {
		return r.Deal == string(by) && r.Shards > 1 && r.Policy == hnsw.Pad.String() && r.K%50 == 0
	})
}

// average returns one row for each layout, effort and k: the means over the runs.
func average(rows []sharding.Row) (all []sharding.Row) {
	type key struct {
		shards, value, k int
		fixed            string
	}
	for _, group := range groupBy(rows, func(r sharding.Row) key { return key{r.Shards, r.Value, r.K, r.Fixed} }) {
		mean := group[0]
		mean.Overlap, mean.PredictedOverlap, mean.Visited, mean.PredictedVisited = 0, 0, 0, 0
		for _, r := range group {
			n := float64(len(group))
			mean.Overlap, mean.PredictedOverlap = mean.Overlap+r.Overlap/n, mean.PredictedOverlap+r.PredictedOverlap/n
			mean.Visited, mean.PredictedVisited = mean.Visited+r.Visited/n, mean.PredictedVisited+r.PredictedVisited/n
		}
		all = append(all, mean)
	}
	return all
}

// ShardingPrediction draws measured against predicted overlap and distances.
func ShardingPrediction(rows []sharding.Row, about Subject) (*Figure, error) {
	if len(rows) == 0 {
		return nil, fmt.Errorf("figure: %w of condition 4", errNoRecords)
	}
	runs, queries := shardRuns(rows)
	left, right := plate.NewPanel(plate.Letter(0, "overlap"), "predicted overlap"), plate.NewPanel(plate.Letter(1, "distances a query"), "predicted distances (logarithmic)")
	legend := plate.NewLegend(fmt.Sprintf("2 to %d shards · means of %s of %s", shardCounts(rows)[len(shardCounts(rows))-1], count(runs, "run"), count(queries, "query vector")))
	table := [][]string{row("deal", "shards", "fixed", "value", "k", "overlap", "predicted_overlap", "distances", "predicted_distances")}
	low, high := math.Inf(1), 0.
	for _, by := range sharding.Deals {
		var overlaps, distances plotter.XYs
		for _, r := range average(predictedRows(rows, by)) {
			overlaps = append(overlaps, plotter.XY{X: r.PredictedOverlap, Y: r.Overlap})
			distances = append(distances, plotter.XY{X: math.Log10(r.PredictedVisited), Y: math.Log10(r.Visited)})
			low, high = min(low, math.Log10(r.Visited)), max(high, math.Log10(r.PredictedVisited))
			table = append(table, row(r.Deal, r.Shards, r.Fixed, r.Value, r.K, r.Overlap, r.PredictedOverlap, r.Visited, r.PredictedVisited))
		}
		legend.Add(byDeal[by], left.Marks(overlaps, dealStyles[by]))
		right.Marks(distances, dealStyles[by])
	}
	legend.Add("measured as predicted", left.Line(plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}}, plate.Reference, nil)...)
	right.Line(plotter.XYs{{X: low, Y: low}, {X: high, Y: high}}, plate.Reference, nil)
	right.X.Tick.Marker, right.Y.Tick.Marker = plate.Decades125, plate.Decades125
	return newFigure("ShardingPrediction", &plate.Plate{
		Title: "Shards: predicted from one graph\n" + about.source(), Width: plate.DoubleColumn, Height: 2.4 * vg.Inch,
		Panels: []plate.Panel{left, right}, Legends: []*plate.Legend{legend},
	}, table), nil
}

// ShardingPredictionFindings says how large the errors of the prediction are, and where the largest are.
func ShardingPredictionFindings(rows []sharding.Row) (said []string) {
	for _, by := range sharding.Deals {
		means := average(predictedRows(rows, by))
		if len(means) == 0 {
			continue
		}
		var sum, ratio float64
		worst, farthest := means[0], means[0]
		off := func(r sharding.Row) float64 { return r.Overlap - r.PredictedOverlap }
		of := func(r sharding.Row) float64 { return r.Visited / r.PredictedVisited }
		for _, r := range means {
			sum += math.Abs(off(r)) / float64(len(means))
			ratio += of(r) / float64(len(means))
			if math.Abs(off(r)) > math.Abs(off(worst)) {
				worst = r
			}
			if math.Abs(math.Log(of(r))) > math.Abs(math.Log(of(farthest))) {
				farthest = r
			}
		}
		said = append(said, fmt.Sprintf("Dealt %s, the overlap differs from the predicted by %.3f in the mean and by at most %.3f: %.3f, predicted %.3f, at k = %d with %d shards of efSearch %d.",
			byDeal[by], sum, math.Abs(off(worst)), worst.Overlap, worst.PredictedOverlap, worst.K, worst.Shards, worst.EfSearch),
			fmt.Sprintf("Dealt %s, a query computes %.2f times the predicted distances in the mean; farthest from them are %.2f times, with %d shards of efSearch %d.",
				byDeal[by], ratio, of(farthest), farthest.Shards, farthest.EfSearch))
	}
	return said
}
