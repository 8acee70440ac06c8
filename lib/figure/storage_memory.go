package figure

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/internal/plate"
	"anncapacity/lib/storage/stop"
	storage "anncapacity/lib/storage/study"
)

// Names of the files of the figures of storage, without and with files on a disk.
const (
	rowsFiles    = storage.RowsFile + " and " + storage.NetworksFile
	storageFiles = storage.RowsFile + ", " + storage.NetworksFile + " and " + storage.DiskFile
)

var storageMemory = Entry{
	Name: "StorageMemory",
	From: storageFiles,
	Shows: "What memory saves: vectors that a query fetches from storage, and bytes that it reads, against the memory of " +
		"each way to choose them, both axes logarithmic; " +
		"down and left is better. Copies count when they are fetched. Solid and dashed lines have the rule to stop that " +
		"fetches fewest; where a fixed number of units fetches more, " +
		"it is a dotted line of the same colour. Peers are other programs on the same base; their bytes are those of the " +
		"operating system's count.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return StorageMemory(r.Storage, r.Disk, about) },
	unavailable: withoutStorage,
	findings:    func(r *Results) ([]string, error) { return StorageMemoryFindings(r.Storage) },
}

// StorageMemory draws the vectors that a query fetches at recall@1 = .90, and the bytes that it reads, against bytes of memory for
// each base vector: the largest base, and a further panel for vectors of other data.
func StorageMemory(rows []storage.Row, disk []storage.DiskRow, about Subject) (*Figure, error) {
	main := at(usual(rows), 1, usualRecall)
	if len(main) == 0 {
		return nil, fmt.Errorf("figure: %w of recall %v", errNoRecords, usualRecall)
	}
	data, base := main[0].Data, main[0].Base
	d := memoryDrawing{
		named:   map[string]bool{},
		legends: []*plate.Legend{plate.NewLegend("ways"), plate.NewLegend(" "), plate.NewLegend("other programs")},
		table:   [][]string{row("data", "base", "quantity", "way", "peer", "rule", "budget_bytes", "learn", "memory_bytes", "seeds", "mean", "low", "high")},
	}
	d.ways(main, "vectors_fetched", fmt.Sprintf("vectors fetched, %s", data), vectorsOf)
	d.peers(disk, data, base, func(r storage.DiskRow) float64 { return r.Vectors })
	d.ways(main, "kilobytes_read", fmt.Sprintf("kB read, %s", data), kilobytesOf)
	d.peers(disk, data, base, func(r storage.DiskRow) float64 { return r.Bytes / 1000 })
	if other := filter(rows, func(r storage.Row) bool { return r.Data != data }); len(other) > 0 {
		if others := at(usual(other), 1, usualRecall); len(others) > 0 {
			d.ways(others, "vectors_fetched", fmt.Sprintf("vectors fetched, %s × %s", others[0].Data, thousands(others[0].Base)), vectorsOf)
		}
	}
	for _, p := range d.panels {
		apart(p)
	}
	legends := slices.DeleteFunc(d.legends, func(l *plate.Legend) bool { return l.Len() == 0 })
	return newFigure("StorageMemory", &plate.Plate{
		Width: plate.DoubleColumn, Height: 2.9 * vg.Inch, Panels: d.panels, Legends: legends, PerRow: len(legends),
		Title: fmt.Sprintf("Storage: what a query at recall@1 = %.2f fetches, against memory\n%s", usualRecall, about.searched(data, base)),
	}, d.table), nil
}

// memoryDrawing collects panels of a quantity against memory. The legends name each way and each program once.
type memoryDrawing struct {
	panels  []plate.Panel
	legends []*plate.Legend
	named   map[string]bool // ways and programs in the legends
	table   [][]string
	column  string // of the last panel
}

// ways adds a panel with a line for each way.
func (d *memoryDrawing) ways(rows []storage.Row, column, title string, of func(storage.Row) float64) {
	p := plate.NewPanel(plate.Letter(len(d.panels), title), "bytes in memory for each vector")
	p.X.Tick.Marker, p.Y.Tick.Marker = plate.Doublings, costTicks
	d.panels, d.column = append(d.panels, p), column
	groups := byWay(rows)
	var lines []styled
	for _, group := range groups {
		best, fixed := d.sizes(group, of)
		w := wayOf(group[0].Way)
		lines = append(lines, styled{best, w.style})
		if slices.ContainsFunc(fixed, func(q plotter.XY) bool { return !slices.Contains(best.line, q) }) {
			lines = append(lines, styled{spreadLine{line: fixed}, plate.Style{Color: w.style.Color, Dashes: []vg.Length{.8, 1.4}}})
		}
	}
	drawLines(p, lines)
	for i, group := range groups {
		if w := wayOf(group[0].Way); !d.named[w.name] {
			d.named[w.name] = true
			d.legends[2*i/(len(groups)+1)].Add(w.name, plate.Thumbnail(w.style)...)
		}
	}
}

// sizes returns the line of the rule that fetches fewest at each size of a way, and the line of a fixed number of units.
func (d *memoryDrawing) sizes(rows []storage.Row, of func(storage.Row) float64) (best spreadLine, fixed plotter.XYs) {
	for _, size := range bySize(rows) {
		memory := storage.Over(size, memoryOf).Mean
		x, least := math.Log10(memory), storage.Spread{Mean: math.Inf(1)}
		for _, rule := range groupBy(size, func(r storage.Row) string { return r.Rule }) {
			s, r := storage.Over(rule, of), rule[0]
			d.table = append(d.table, row(r.Data, r.Base, d.column, r.Way, "", r.Rule, r.Budget, r.Learn, memory, s.Seeds, s.Mean, s.Low, s.High))
			if s.Mean < least.Mean {
				least = s
			}
			if r.Rule == stop.Fixed.Key {
				fixed = append(fixed, plotter.XY{X: x, Y: math.Log10(s.Mean)})
			}
		}
		best.add(x, least)
	}
	return best, fixed
}

// peers adds a line for each peer of which the quantity is known.
func (d *memoryDrawing) peers(disk []storage.DiskRow, data string, base int, of func(storage.DiskRow) float64) {
	p := d.panels[len(d.panels)-1]
	groups := groupBy(filter(disk, func(r storage.DiskRow) bool { return r.Peer != "" && r.Data == data && r.Base == base && r.K == 1 }),
		func(r storage.DiskRow) string { return r.Peer })
	for i, peer := range groups {
		if !d.named[peer[0].Peer] {
			d.named[peer[0].Peer] = true
			d.legends[2].Add(peer[0].Peer, plate.Thumbnail(peerStyle(i))...)
		}
		var line plotter.XYs
		for _, s := range storage.Systems(peer) {
			if x, known := s.At(usualRecall, of); known {
				line = append(line, plotter.XY{X: math.Log10(s.Memory), Y: math.Log10(x)})
				d.table = append(d.table, row(data, base, d.column, "", s.Peer, "", "", "", s.Memory, "", x, "", ""))
			}
		}
		p.Line(line, peerStyle(i), line)
	}
}

// StorageMemoryFindings returns a sentence for each of several memories with the way that fetches the fewest vectors.
func StorageMemoryFindings(rows []storage.Row) (said []string, err error) {
	main := at(usual(rows), 1, usualRecall)
	for _, memory := range []float64{4, 8, 16} {
		c, known := storage.Compare(main, memory, storage.KMeans)
		if !known {
			continue
		}
		said = append(said, fmt.Sprintf("With %.1f bytes for each vector, at recall@1 = %.2f, %s (%s) fetches %s vectors, %s than k-means clusters at equal memory "+
			"with a fixed number of units (%s, interpolated), and %s than these with their best rule.",
			c.Memory, usualRecall, wayOf(c.Way).name, ruleName(c.Rule), rounded(c.Vectors.Mean), fewer(c.Fewer), rounded(c.Fixed), fewer(c.FewerAdaptive)))
	}
	return append(said, seedBands(main)...), nil
}

// fewer returns a share that is saved as text, "85.2 % fewer" or "8.6 % more".
func fewer(share float64) string {
	if share < 0 {
		return shareOf(-share) + " more"
	}
	return shareOf(share) + " fewer"
}

// ruleName returns the name of a rule, or its key if it is unknown.
func ruleName(key string) string {
	for _, r := range stop.Rules {
		if r.Key == key {
			return r.Name
		}
	}
	return key
}

// rounded returns a number with three significant digits, at least those before the point.
func rounded(x float64) string {
	if x >= 100 {
		return thousands(int(math.Round(x)))
	}
	return fmt.Sprintf("%.3g", x)
}
