package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/internal/plate"
	storage "anncapacity/lib/storage/study"
)

var storageDisk = Entry{
	Name: "StorageDisk",
	From: storage.DiskFile,
	Shows: "Mean cost of a query that is searched in a file on a disk, by way or program and bytes in memory for each " +
		"vector: bytes read by the operating system's count, requests to the disk, median time with no page of the file in " +
		"memory, " +
		"and processor time of such a query; left is better. The ways of this project stop by the rule that was calibrated for " +
		"the recall. The cost of another program is between those of the two settings with the nearest recalls, on logarithmic " +
		"axes, or that of its cheapest setting if all settings have higher recalls.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return StorageDisk(r.Disk, about) },
	unavailable: func(r *Results) string { return unless(len(r.Disk) > 0, "no file on a disk was measured") },
	findings:    func(r *Results) ([]string, error) { return StorageDiskFindings(r.Disk) },
}

// diskRecalls holds the recalls of StorageDisk with their markers.
var diskRecalls = []struct {
	recall float64
	style  plate.Style
}{
	{.9, plate.Style{Color: plate.Blue, Marker: draw.CircleGlyph{}, Radius: 2.2}},
	{.95, plate.Style{Color: plate.Vermilion, Marker: draw.BoxGlyph{}, Radius: 2.2}},
	{.99, plate.Style{Color: plate.Green, Marker: draw.PyramidGlyph{}, Radius: 2.4}},
}

// diskQuantities holds the quantities of StorageDisk.
var diskQuantities = []struct {
	name, column, least string // least completes "the way that"; "" if no sentence is made of it
	of                  func(storage.DiskRow) float64
}{
	{"kilobytes read", "kilobytes_read", "reads the fewest kilobytes", func(r storage.DiskRow) float64 { return r.Bytes / 1000 }},
	{"reads", "reads", "", func(r storage.DiskRow) float64 { return r.Reads }},
	{"milliseconds, cold", "cold_ms", "takes the fewest milliseconds cold", func(r storage.DiskRow) float64 { return r.Cold }},
	{"milliseconds of processor time", "cpu_ms", "", func(r storage.DiskRow) float64 { return r.CPU }},
}

// StorageDisk draws bytes, reads, cold time and processor time of a query at recall@1 = .90, .95 and .99, with a row of dots for each way
// and program. The base is the largest.
func StorageDisk(rows []storage.DiskRow, about Subject) (*Figure, error) {
	all := onDisks(rows)
	if len(all) == 0 {
		return nil, fmt.Errorf("figure: %w of k = 1 on a disk", errNoRecords)
	}
	legend := plate.NewLegend("recall@1")
	for _, r := range diskRecalls {
		legend.Add(fmt.Sprintf("%.2f", r.recall), plate.Thumbnail(r.style)[1:]...)
	}
	table := [][]string{row("way", "peer", "memory_bytes", "recall", "quantity", "value")}
	var panels []plate.Panel
	for i, q := range diskQuantities {
		p := plate.NewPanel(plate.Letter(i, q.name), "")
		p.X.Tick.Marker, p.Y.Tick.Marker = compactTicks, systemTicks(all, i%2 == 0)
		for _, r := range diskRecalls {
			var dots plotter.XYs
			for j, s := range all {
				if x, known := s.At(r.recall, q.of); known {
					dots = append(dots, plotter.XY{X: math.Log10(x), Y: float64(len(all) - 1 - j)})
					table = append(table, row(s.Way, s.Peer, s.Memory, r.recall, q.column, x))
				}
			}
			p.Marks(dots, r.style)
		}
		apart(p)
		p.Y.Min, p.Y.Max = -.6, float64(len(all))-.4
		panels = append(panels, p)
	}
	first := all[0].Rows[0]
	return newFigure("StorageDisk", &plate.Plate{
		Width: plate.DoubleColumn, Height: vg.Length(len(all))*pitch(len(all)) + 44, Panels: panels, Legends: []*plate.Legend{legend, accessLegend(all)}, PerRow: 1,
		Title: "Storage: cost of a query in a file on a disk; bytes (B) in memory for each vector\n" + about.searched(first.Data, first.Base),
	}, table), nil
}

// pitch returns the height of a row of dots in points, less if there are many.
func pitch(rows int) vg.Length {
	if rows > 20 {
		return 9
	}
	return 11
}

// onDisks returns the systems with the largest base at k = 1: the ways of this project in their order, then other programs, each ascending
// in memory.
func onDisks(rows []storage.DiskRow) []storage.System {
	all := storage.LargestOnDisk(rows, 1)
	place := func(s storage.System) int {
		if s.Peer != "" {
			return len(ways) + 1
		}
		return slices.IndexFunc(append(slices.Clone(ways), way{key: s.Way}), func(w way) bool { return w.key == s.Way })
	}
	slices.SortStableFunc(all, func(a, b storage.System) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a.Peer, b.Peer), cmp.Compare(a.Memory, b.Memory))
	})
	return all
}

// systemName returns the name of a system with its memory.
func systemName(s storage.System) string {
	name := s.Peer
	if name == "" {
		name = wayOf(s.Way).name
	}
	return fmt.Sprintf("%s, %.1f B", name, s.Memory)
}

// systemTicks labels the rows of dots, the first on top.
func systemTicks(all []storage.System, labelled bool) plot.ConstantTicks {
	var ticks plot.ConstantTicks
	for i, s := range all {
		name := " "
		if labelled {
			name = systemName(s)
		}
		ticks = append(ticks, plot.Tick{Value: float64(len(all) - 1 - i), Label: name})
	}
	return ticks
}

// accessLegend returns a legend that says how the files are read.
func accessLegend(all []storage.System) *plate.Legend {
	words := "access to the file, or how reads are counted:"
	for _, same := range groupBy(all, func(s storage.System) string { return s.Rows[0].Access }) {
		var who []string
		for _, s := range same {
			if name := cmp.Or(s.Peer, "this project"); !slices.Contains(who, name) {
				who = append(who, name)
			}
		}
		words += "\n" + strings.Join(who, ", ") + ": " + same[0].Rows[0].Access
	}
	return plate.NewLegend(words)
}

// StorageDiskFindings returns a sentence for each recall with the fewest bytes and with the least cold time of this project, and of other
// programs.
func StorageDiskFindings(rows []storage.DiskRow) (said []string, err error) {
	all := onDisks(rows)
	own, peers := filter(all, func(s storage.System) bool { return s.Peer == "" }), filter(all, func(s storage.System) bool { return s.Peer != "" })
	for _, r := range diskRecalls {
		for _, q := range diskQuantities {
			a, x, known := cheapest(own, r.recall, q.of)
			if !known || q.least == "" {
				continue
			}
			sentence := fmt.Sprintf("At recall@1 = %.2f the way that %s is %s (%s)", r.recall, q.least, systemName(a), rounded(x))
			if b, y, known := cheapest(peers, r.recall, q.of); known {
				sentence += fmt.Sprintf("; of other programs it is %s (%s)", systemName(b), rounded(y))
			}
			said = append(said, sentence+".")
		}
	}
	return said, nil
}

// cheapest returns the system with the least value of a quantity at a recall.
func cheapest(all []storage.System, recall float64, of func(storage.DiskRow) float64) (best storage.System, least float64, known bool) {
	all = filter(all, func(s storage.System) bool { _, known := s.At(recall, of); return known })
	if len(all) == 0 {
		return storage.System{}, 0, false
	}
	value := func(s storage.System) float64 { x, _ := s.At(recall, of); return x }
	best = slices.MinFunc(all, func(a, b storage.System) int { return cmp.Compare(value(a), value(b)) })
	return best, value(best), true
}
