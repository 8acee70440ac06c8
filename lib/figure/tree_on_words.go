package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/internal/plate"
	"anncapacity/lib/words"
)

var treeOnWords = Entry{
	Name: "TreeOnWords",
	From: words.RecordsFile,
	Shows: "Search of similar words in a k-d tree: the share of the words that a search visits, and the overlap with the exact neighbours, against the dimension " +
		"that GloVe's vectors are projected to. Without a budget the tree is exact; a budget is a number of leaves.",
	Draw: func(r *Results, _ Subject) (*Figure, error) { return TreeOnWords(r.Words) },
	unavailable: func(r *Results) string {
		return unless(r.Words != nil, "there are no records of word vectors (notebook 6, after environment/setup.sh engines)")
	},
	findings: func(r *Results) ([]string, error) { return TreeOnWordsFindings(r.Words) },
}

// TreeOnWords draws the share of the words that a search in a k-d tree visits, and the overlap of its answer with the exact
// neighbours, against the dimension, for exact searches and for budgets of leaves.
func TreeOnWords(records []words.Record) (*Figure, error) {
	ways := treeWays(records)
	if len(ways) == 0 {
		return nil, fmt.Errorf("figure: %w of trees on words", errNoRecords)
	}
	visited, overlaps := plate.NewPanel(plate.Letter(0, "share of the words looked at"), "dimensions"), plate.NewPanel(plate.Letter(1, "overlap with the true neighbours"), "dimensions")
	visited.Y.Tick.Marker, visited.Y.Max = plate.LogTicks(plate.Percents), 0
	overlaps.Y.Min, overlaps.Y.Max = 0, 1
	visited.X.Tick.Marker, overlaps.X.Tick.Marker = plate.Decades125, plate.Decades125
	exact, budget := plate.NewLegend("exact"), plate.NewLegend("with a budget")
	data := [][]string{row("projection", "dimension", "method", "leaves", "points", "queries", "k", "visited", "overlap")}
	for i, way := range ways {
		var a, b plotter.XYs
		for _, r := range way {
			a = append(a, plotter.XY{X: math.Log10(float64(r.Dimension)), Y: math.Log10(r.Visited)})
			b = append(b, plotter.XY{X: math.Log10(float64(r.Dimension)), Y: r.Overlap})
			data = append(data, row(r.Projection, r.Dimension, r.Method, r.Leaves, r.Points, r.Queries, r.K, r.Visited, r.Overlap))
		}
		s := plate.Shade(i)
		if i == 1 {
			s.Dashes = []vg.Length{3, 3} // it coincides with the first line in panel b
		}
		thumbs := visited.Line(a, s, a)
		overlaps.Line(b, s, b)
		legend := exact
		if way[0].Leaves > 0 {
			legend = budget
		}
		legend.Add(wayName(way[0]), thumbs...)
	}
	first := ways[0][0]
	return newFigure("TreeOnWords", &plate.Plate{
		Width: plate.DoubleColumn, Height: 2.3 * vg.Inch, Panels: []plate.Panel{visited, overlaps}, Legends: []*plate.Legend{exact, budget},
		Title: fmt.Sprintf("Similar words in a k-d tree\nGloVe 6B, %s words, %s · %s queries, k = %d", thousands(first.Points), first.Projection, thousands(first.Queries), first.K),
	}, data), nil
}

// treeWays returns the records of trees with the first projection, one group for each search method and budget.
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

// TreeOnWordsFindings returns sentences with the share of the words that the exact tree visits, and with the overlap of each
// budget in the largest dimension.
func TreeOnWordsFindings(records []words.Record) ([]string, error) {
	ways := treeWays(records)
	if len(ways) == 0 {
		return nil, nil
	}
	exact := ways[0]
	said := []string{fmt.Sprintf("The exact tree (%s) visits %s of the words.", exact[0].Method, inTurn(threeOf(exact), "dimension", func(r words.Record) (string, any) {
		return fmt.Sprintf("%.3g %%", 100*r.Visited), r.Dimension
	}))}
	if i := slices.IndexFunc(exact, func(r words.Record) bool { return r.Visited >= .5 }); i >= 0 {
		said = append(said, fmt.Sprintf("It visits at least half of them from dimension %d on.", exact[i].Dimension))
	}
	budgets := filter(ways, func(way []words.Record) bool { return way[0].Leaves > 0 })
	if len(budgets) > 0 {
		last := func(way []words.Record) words.Record { return way[len(way)-1] }
		said = append(said, fmt.Sprintf("With a budget the overlap in dimension %d is %s.", last(budgets[0]).Dimension, inTurn(budgets, "", func(way []words.Record) (string, any) {
			return fmt.Sprintf("%s, of %.2g %% of the words", shareOf(last(way).Overlap), 100*last(way).Visited), leaves(way[0].Leaves)
		})))
	}
	return said, nil
}
