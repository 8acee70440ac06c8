package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/internal/plate"
	"anncapacity/lib/storage/stop"
	storage "anncapacity/lib/storage/study"
)

var storageRecall = Entry{
	Name: "StorageRecall",
	From: storageFiles,
	Shows: "Recall of each way against what a query costs: vectors fetched and kilobytes read; up and left is better. " +
		"If files of the same base were searched, further panels have the median time of a query with no page of the file in memory. " +
		"Every query reads the same number of units, except in the times, whose searches stop by the rule that was calibrated. " +
		"Ways with a choice have about the same memory; networks have their own.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return StorageRecall(r.Storage, r.Disk, about) },
	unavailable: withoutStorage,
	findings:    func(r *Results) ([]string, error) { return StorageRecallFindings(r.Storage) },
}

// StorageRecall draws recall@k against vectors fetched, bytes read and cold milliseconds, a row of panels for each k. Ways with a choice
// have the memory that is nearest to 8 bytes for each vector.
func StorageRecall(rows []storage.Row, disk []storage.DiskRow, about Subject) (*Figure, error) {
	groups := equalMemory(rows)
	if len(groups) == 0 {
		return nil, fmt.Errorf("figure: %w of a fixed number of units", errNoRecords)
	}
	data, base := groups[0][0].Data, groups[0][0].Base
	d := recallDrawing{legends: storageLegends(groups), table: [][]string{row("k", "way", "memory_bytes", "quantity", "recall", "mean", "low", "high")}}
	times := filter(disk, func(r storage.DiskRow) bool { return r.Data == data && r.Base == base && r.Peer == "" && r.Cold > 0 })
	for _, k := range storage.Ks {
		if !slices.ContainsFunc(rows, func(r storage.Row) bool { return r.K == k }) {
			continue
		}
		d.add(groups, k, "vectors_fetched", "vectors fetched", vectorsOf)
		d.add(groups, k, "kilobytes_read", "kilobytes read", kilobytesOf)
		if len(times) > 0 {
			d.addTimes(times, k)
		}
	}
	return newFigure("StorageRecall", &plate.Plate{
		Width: plate.DoubleColumn, Height: 2 * vg.Inch, Panels: d.panels, Legends: d.legends, PerRow: len(d.legends),
		Title: fmt.Sprintf("Storage: recall against cost, about %d bytes in memory for each vector\n%s", usualMemory, about.searched(data, base)),
	}, d.table), nil
}

// equalMemory returns the rows with a fixed number of units, a group for each way with the memory nearest to the usual one.
func equalMemory(rows []storage.Row) (groups [][]storage.Row) {
	for _, g := range byWay(usual(filter(rows, func(r storage.Row) bool { return r.Rule == stop.Fixed.Key }))) {
		groups = append(groups, nearestSize(g))
	}
	return groups
}

// storageLegends returns two legends with the name and the memory of each way.
func storageLegends(groups [][]storage.Row) []*plate.Legend {
	legends := []*plate.Legend{plate.NewLegend("ways, bytes in memory for each vector"), plate.NewLegend(" ")}
	for i, g := range groups {
		w := wayOf(g[0].Way)
		legends[2*i/(len(groups)+1)].Add(fmt.Sprintf("%s, %.1f", w.name, storage.Over(g, memoryOf).Mean), plate.Thumbnail(w.style)...)
	}
	return legends
}

type recallDrawing struct {
	panels  []plate.Panel
	legends []*plate.Legend
	table   [][]string
}

// panel adds a panel for recall@k against a quantity.
func (d *recallDrawing) panel(k int, quantity string) plate.Panel {
	p := plate.NewPanel(plate.Letter(len(d.panels), fmt.Sprintf("recall@%d", k)), quantity)
	p.X.Tick.Marker, p.Y.Tick.Marker = compactTicks, plot.TickerFunc(recallTicks)
	d.panels = append(d.panels, p)
	return p
}

// add adds a panel with a line and a band for each way.
func (d *recallDrawing) add(groups [][]storage.Row, k int, column, quantity string, of func(storage.Row) float64) {
	p := d.panel(k, quantity)
	var lines []styled
	for _, g := range groups {
		var l spreadLine
		for _, recall := range storage.Recalls {
			these := at(g, k, recall)
			if len(these) == 0 {
				continue
			}
			s := storage.Over(these, of)
			l.add(nines(recall), s)
			d.table = append(d.table, row(k, these[0].Way, storage.Over(these, memoryOf).Mean, column, recall, s.Mean, s.Low, s.High))
		}
		lines = append(lines, styled{l.turned(), wayOf(g[0].Way).style})
	}
	drawLines(p, lines)
	apart(p)
}

// addTimes adds a panel of the cold times of the ways.
func (d *recallDrawing) addTimes(disk []storage.DiskRow, k int) {
	p := d.panel(k, "milliseconds, cold")
	for _, of1 := range groupBy(filter(disk, func(r storage.DiskRow) bool { return r.K == k }), func(r storage.DiskRow) string { return r.Way }) {
		all := storage.Systems(of1)
		off := func(s storage.System) float64 { return math.Abs(math.Log(s.Memory / usualMemory)) }
		nearest := slices.MinFunc(all, func(a, b storage.System) int { return cmp.Compare(off(a), off(b)) })
		var line plotter.XYs
		for _, r := range nearest.Rows {
			line = append(line, plotter.XY{X: math.Log10(r.Cold), Y: nines(r.Recall)})
			d.table = append(d.table, row(k, r.Way, r.Memory, "cold_ms", r.Recall, r.Cold, "", ""))
		}
		p.Line(line, wayOf(nearest.Way).style, line)
	}
	apart(p)
}

// StorageRecallFindings returns a sentence with the vectors that each way fetches at recall@1 = .90 and .99.
func StorageRecallFindings(rows []storage.Row) (said []string, err error) {
	groups := equalMemory(rows)
	for _, recall := range []float64{usualRecall, .99} {
		reach := filter(groups, func(g []storage.Row) bool { return len(at(g, 1, recall)) > 0 })
		if len(reach) == 0 {
			continue
		}
		said = append(said, fmt.Sprintf("At recall@1 = %.2f the vectors that a query fetches are %s.", recall, inTurn(reach, "", func(g []storage.Row) (string, any) {
			return rounded(storage.Over(at(g, 1, recall), vectorsOf).Mean), wayOf(g[0].Way).name
		})))
	}
	return append(said, seedBands(slices.Concat(groups...))...), nil
}
