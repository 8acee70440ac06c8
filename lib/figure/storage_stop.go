package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/internal/plate"
	"anncapacity/lib/storage/stop"
	storage "anncapacity/lib/storage/study"
)

var storageStop = Entry{
	Name: "StorageStop",
	From: rowsFiles,
	Shows: "What it saves to stop each query by a rule instead of after a fixed number of units: vectors fetched with the " +
		"rule, divided by those with a fixed number at the same recall. " +
		"Below the dashed line the rule fetches fewer.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return StorageStop(r.Storage, about) },
	unavailable: withoutStorage,
	findings:    func(r *Results) ([]string, error) { return StorageStopFindings(r.Storage) },
}

// StorageStop draws the vectors that each adaptive rule fetches relative to a fixed number of units, against recall: a row of panels for
// each k, a panel for each rule.
func StorageStop(rows []storage.Row, about Subject) (*Figure, error) {
	groups := sized(usual(rows))
	table := [][]string{row("k", "rule", "way", "memory_bytes", "recall", "ratio_mean", "ratio_low", "ratio_high")}
	var panels []plate.Panel
	for _, k := range storage.Ks {
		for _, rule := range stop.Rules[1:] {
			p := plate.NewPanel(plate.Letter(len(panels), fmt.Sprintf("%s, k = %d", rule.Key, k)), "recall, spread out towards 1")
			var lines []styled
			for _, g := range groups {
				if l, numbers := stopLine(g, rule.Key, k); len(l.line) > 0 {
					lines, table = append(lines, styled{l, wayOf(g[0].Way).style}), append(table, numbers...)
				}
			}
			if len(lines) > 0 {
				drawLines(p, lines)
				p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(recallTicks), ratioTicks
				level(p, 0, plate.Reference)
				apart(p)
				panels = append(panels, p)
			}
		}
	}
	if len(panels) == 0 {
		return nil, fmt.Errorf("figure: %w of a rule and of a fixed number of units", errNoRecords)
	}
	data, base := groups[0][0].Data, groups[0][0].Base
	legends := append(storageLegends(groups), ruleLegend())
	return newFigure("StorageStop", &plate.Plate{
		Width: plate.DoubleColumn, Height: 1.9 * vg.Inch, Panels: panels, Legends: legends, PerRow: 2,
		Title: "Storage: vectors fetched with a rule to stop, relative to a fixed number of units\n" + about.searched(data, base),
	}, table), nil
}

// sized returns the rows of each way with the memory nearest to the usual one.
func sized(rows []storage.Row) (groups [][]storage.Row) {
	for _, g := range byWay(rows) {
		groups = append(groups, nearestSize(g))
	}
	return groups
}

// ruleLegend returns a legend that says what each rule looks at.
func ruleLegend() *plate.Legend {
	words := "rules:"
	for _, r := range stop.Rules[1:] {
		words += "\n" + r.Key + ": " + r.Name
	}
	return plate.NewLegend(words)
}

// stopLine returns the ratios of a rule at each recall, and their lines of the table.
func stopLine(rows []storage.Row, rule string, k int) (l spreadLine, lines [][]string) {
	for _, recall := range storage.Recalls {
		fixed := map[uint64]float64{}
		var ratios []float64
		for _, r := range at(rows, k, recall) {
			if r.Rule == stop.Fixed.Key {
				fixed[r.Seed] = r.Vectors
			}
		}
		for _, r := range at(rows, k, recall) {
			if f := fixed[r.Seed]; r.Rule == rule && f > 0 {
				ratios = append(ratios, r.Vectors/f)
			}
		}
		if len(ratios) > 0 {
			s := storage.NewSpread(ratios)
			l.add(nines(recall), s)
			lines = append(lines, row(k, rule, rows[0].Way, storage.Over(rows, memoryOf).Mean, recall, s.Mean, s.Low, s.High))
		}
	}
	return l, lines
}

// StorageStopFindings returns, for each way, the rule that fetches the fewest vectors at recall@1 = .90 and its saving.
func StorageStopFindings(rows []storage.Row) (said []string, err error) {
	type best struct {
		way, rule string
		ratio     float64
	}
	groups := sized(usual(rows))
	var all []best
	for _, g := range groups {
		b := best{g[0].Way, "", math.Inf(1)}
		for _, rule := range stop.Rules[1:] {
			l, _ := stopLine(at(g, 1, usualRecall), rule.Key, 1)
			if len(l.line) > 0 && math.Pow(10, l.line[0].Y) < b.ratio {
				b.rule, b.ratio = rule.Key, math.Pow(10, l.line[0].Y)
			}
		}
		if b.rule != "" {
			all = append(all, b)
		}
	}
	if len(all) > 0 {
		said = append(said, fmt.Sprintf("At recall@1 = %.2f the vectors fetched with the best rule, relative to a fixed number of units, are %s.", usualRecall,
			inTurn(all, "", func(b best) (string, any) { return shareOf(b.ratio), wayOf(b.way).name + ": " + b.rule })))
	}
	return append(said, seedBands(slices.Concat(groups...))...), nil
}
