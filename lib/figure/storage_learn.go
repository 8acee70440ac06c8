package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/claims"
	"anncapacity/lib/internal/plate"
	"anncapacity/lib/storage/stop"
	storage "anncapacity/lib/storage/study"
)

var storageLearn = Entry{
	Name: "StorageLearn",
	From: rowsFiles,
	Shows: "What learning from queries adds: the vectors that a network fetches, divided by those of k-means, against the " +
		"number of learn queries for each base vector. " +
		"Panels compare with k-means that has as many clusters, or as many bytes in memory, between two sizes on logarithmic axes, " +
		"on test queries of several origins. Below the dashed line the network fetches fewer; the dotted line is the ratio " +
		"that the paper reports. Both read a fixed number of clusters for every query. " +
		"The network as published is that after its last round of duplication, if it has several.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return StorageLearn(r.Storage, about) },
	unavailable: withoutNetworks,
	findings:    func(r *Results) ([]string, error) { return StorageLearnFindings(r.Storage) },
}

// withoutNetworks returns why the figures of networks cannot be drawn, "" if they can.
func withoutNetworks(r *Results) string {
	if why := withoutStorage(r); why != "" {
		return why
	}
	return unless(slices.ContainsFunc(r.Storage, func(r storage.Row) bool { return r.Learn > 0 }), "anncapacity storage study trained no network")
}

// learnt is a line of StorageLearn: networks of one way, on one base, from one origin of learn queries.
type learnt struct {
	way, source string
	base, units int
}

// StorageLearn draws the ratio of the vectors that networks and k-means fetch at recall@1 = .90, against learn queries for each base
// vector.
func StorageLearn(rows []storage.Row, about Subject) (*Figure, error) {
	data, ratios := learnRatios(rows)
	if len(ratios) == 0 {
		return nil, fmt.Errorf("figure: %w of a network and of k-means", errNoRecords)
	}
	table := [][]string{row("compared_at", "test", "way", "learn_source", "base", "clusters", "learn", "learn_per_vector", "rounds", "seeds", "ratio_mean", "ratio_low", "ratio_high")}
	of := func(r claims.Ratio) learnt { return learnt{r.Way, r.Source, r.Base, r.Units} }
	lines := groupBy(ratios, of)
	legends := learnLegends(lines)
	var panels []plate.Panel
	for _, equal := range groupBy(ratios, func(r claims.Ratio) claims.Equal { return r.Equal }) {
		for _, test := range groupBy(equal, func(r claims.Ratio) string { return r.Test }) {
			p := plate.NewPanel(plate.Letter(len(panels), fmt.Sprintf("equal %s, %s", test[0].Equal, test[0].Test)), "learn queries for each base vector")
			p.X.Tick.Marker, p.Y.Tick.Marker = plate.FewOrManyDecades, ratioTicks
			var drawn []styled
			for _, line := range groupBy(test, of) {
				var l spreadLine
				for _, r := range line {
					l.add(math.Log10(r.PerVector()), r.Spread)
					table = append(table, row(r.Equal, r.Test, r.Way, r.Source, r.Base, r.Units, r.Learn, r.PerVector(), r.Rounds, r.Seeds, r.Mean, r.Low, r.High))
				}
				drawn = append(drawn, styled{l, learnStyle(line[0], lines)})
			}
			drawLines(p, drawn)
			aDecade(p)
			panels = append(panels, p)
		}
	}
	frame(panels)
	return newFigure("StorageLearn", &plate.Plate{
		Width: plate.DoubleColumn, Height: 2 * vg.Inch, Panels: panels, Legends: legends, PerRow: 3,
		Title: fmt.Sprintf("Storage: vectors that a network fetches at recall@1 = %.2f, divided by those of k-means\n%s of %s", usualRecall, data, about.photographs()),
	}, table), nil
}

// learnRatios returns the data with the largest base and the ratios of its networks.
func learnRatios(rows []storage.Row) (data string, ratios []claims.Ratio) {
	data, _ = storage.Largest(filter(rows, func(r storage.Row) bool { return r.Learn > 0 }))
	return data, claims.Ratios(filter(rows, func(r storage.Row) bool {
		return r.Data == data && r.Rule == stop.Fixed.Key && r.K == 1 && r.Recall == usualRecall
	}), storage.KMeans)
}

// frame gives all panels the same axes and draws the lines of equality and of the paper's ratio.
func frame(panels []plate.Panel) {
	x, y := [2]float64{math.Inf(1), math.Inf(-1)}, [2]float64{math.Log10(1 - claims.PublishedFewer), 0}
	for _, p := range panels {
		x = [2]float64{min(x[0], p.X.Min), max(x[1], p.X.Max)}
		y = [2]float64{min(y[0], p.Y.Min), max(y[1], p.Y.Max)}
	}
	for _, p := range panels {
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = x[0], x[1], y[0], y[1]
		level(p, 0, plate.Reference)
		level(p, math.Log10(1-claims.PublishedFewer), plate.Underlaid)
		apart(p)
	}
}

// learnMarkers are the markers of the origins of learn queries, in alphabetical order: of the network as published, and of others.
var learnMarkers = [][2]draw.GlyphDrawer{{draw.CircleGlyph{}, draw.PyramidGlyph{}}, {draw.RingGlyph{}, draw.TriangleGlyph{}}, {draw.BoxGlyph{}, draw.SquareGlyph{}}}

// learnStyle returns the style of a line: the shade of its base, dashes of its way, and the marker of its way and of the origin of its
// learn queries.
func learnStyle(r claims.Ratio, lines [][]claims.Ratio) plate.Style {
	var bases []int
	var sources []string
	for _, l := range lines {
		bases, sources = append(bases, l[0].Base), append(sources, l[0].Source)
	}
	slices.Sort(bases)
	slices.Sort(sources)
	s := plate.Shade(slices.Index(slices.Compact(bases), r.Base))
	i := 0
	if r.Way != storage.PaperNetwork {
		s.Dashes, i = []vg.Length{3, 2}, 1
	}
	s.Marker = learnMarkers[slices.Index(slices.Compact(sources), r.Source)%len(learnMarkers)][i]
	return s
}

// learnLegends returns a legend for each way and origin of learn queries, with an entry for each base.
func learnLegends(lines [][]claims.Ratio) (legends []*plate.Legend) {
	for _, group := range groupBy(lines, func(l []claims.Ratio) [2]string { return [2]string{l[0].Way, l[0].Source} }) {
		r := group[0][0]
		legend := plate.NewLegend(wayOf(r.Way).name + "\nlearn: " + r.Source)
		slices.SortFunc(group, func(a, b []claims.Ratio) int { return cmp.Compare(a[0].Base, b[0].Base) })
		for _, l := range group {
			legend.Add(fmt.Sprintf("base of %s, %s clusters", thousands(l[0].Base), thousands(l[0].Units)), plate.Thumbnail(learnStyle(l[0], lines))...)
		}
		legends = append(legends, legend)
	}
	marks := plate.NewLegend("horizontal lines\n ")
	marks.Add("as many vectors as k-means", plate.Thumbnail(plate.Reference)...)
	marks.Add(fmt.Sprintf("reported by the paper: %.2f", 1-claims.PublishedFewer), plate.Thumbnail(plate.Underlaid)...)
	return slices.Insert(legends, min(2, len(legends)), marks)
}

// StorageLearnFindings returns, for each way to compare, the least ratio on queries from other photographs and where it is reached, and
// from how many learn queries on a network fetches fewer vectors in every seed.
func StorageLearnFindings(rows []storage.Row) (said []string, err error) {
	_, all := learnRatios(rows)
	for _, equal := range []claims.Equal{claims.Clusters, claims.Memory} {
		these := filter(all, func(r claims.Ratio) bool { return r.Equal == equal && r.Test == storage.OtherPhotographs })
		for _, group := range groupBy(these, func(r claims.Ratio) string { return r.Way }) {
			least := slices.MinFunc(group, func(a, b claims.Ratio) int { return cmp.Compare(a.Mean, b.Mean) })
			said = append(said, fmt.Sprintf("%s, at equal %s and recall@1 = %.2f on queries from %s: the least ratio is %.2f"+
				"%s, with %s (%s) for each of %s base vectors.",
				upperFirst(wayOf(least.Way).name), equal, usualRecall, least.Test, least.Mean, ofSeeds(least.Spread), claims.LearnQueries(least.PerVector()), least.Source, thousands(least.Base)))
		}
	}
	return append(said, seedBands(rows)...), nil
}
