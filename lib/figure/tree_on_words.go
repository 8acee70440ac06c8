package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/words"
)

// TreeOnWords draws the share of the words that a search in a k-d tree looks at, and the overlap of what it finds, against the
// dimension: exact, and with budgets of leaves.
func TreeOnWords(records []words.Record) (*Figure, error) {
	ways := treeWays(records)
	if len(ways) == 0 {
		return nil, fmt.Errorf("figure: %w of trees on words", errNoRecords)
	}
	visited, overlap := newPanel("a   share of the words looked at", "dimensions"), newPanel("b   overlap with the true neighbours", "dimensions")
	visited.Y.Tick.Marker, visited.Y.Max = logTicks(percents), 0
	overlap.Y.Min, overlap.Y.Max = 0, 1
	visited.X.Tick.Marker, overlap.X.Tick.Marker = plot.TickerFunc(decades125), plot.TickerFunc(decades125)
	exact, budget := newBlock("exact"), newBlock("with a budget")
	data := [][]string{row("projection", "dimension", "method", "leaves", "points", "queries", "k", "visited", "overlap")}
	for i, way := range ways {
		var a, b plotter.XYs
		for _, r := range way {
			a = append(a, plotter.XY{X: math.Log10(float64(r.Dimension)), Y: math.Log10(r.Visited)})
			b = append(b, plotter.XY{X: math.Log10(float64(r.Dimension)), Y: r.Overlap})
			data = append(data, row(r.Projection, r.Dimension, r.Method, r.Leaves, r.Points, r.Queries, r.K, r.Visited, r.Overlap))
		}
		s := styleAt(i)
		if i == 1 {
			s.dashes = []vg.Length{3, 3} // it lies on the first in panel b
		}
		thumbs := visited.addLine(a, s, 1)
		overlap.addLine(b, s, 1)
		legend := exact
		if way[0].Leaves > 0 {
			legend = budget
		}
		legend.add(wayName(way[0]), thumbs...)
	}
	first := ways[0][0]
	return (&plate{
		name: "TreeOnWords", width: DoubleColumn, height: 2.3 * vg.Inch, panels: [][]panel{{visited, overlap}}, legends: []*block{exact, budget}, data: data,
		title: fmt.Sprintf("Similar words in a k-d tree\nGloVe 6B, %s words, %s · %s queries, k = %d", thousands(first.Points), first.Projection, thousands(first.Queries), first.K),
	}).figure(), nil
}

// treeWays are the records of trees under the first projection, one group for each way of searching.
func treeWays(records []words.Record) [][]words.Record {
	return groupBy(filter(records, func(r words.Record) bool {
		return r.Method != string(words.BruteForce) && r.Projection == records[0].Projection
	}), wayName)
}

func wayName(r words.Record) string {
	if r.Leaves > 0 {
		return fmt.Sprintf("%s, %s", r.Method, leaves(r.Leaves))
	}
	return r.Method
}

func leaves(n int) string {
	if n == 1 {
		return "1 leaf"
	}
	return thousands(n) + " leaves"
}
