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

// withoutStorage returns why the figures of a study of storage cannot be drawn, "" if they can.
func withoutStorage(r *Results) string {
	return unless(len(r.Storage) > 0, "anncapacity storage study was not run")
}

// usualRecall is the recall at which most figures of storage compare ways, that of the paper.
const usualRecall = .9

// usualMemory is the memory, in bytes for each base vector, at which figures compare ways that have a choice.
const usualMemory = 8

// way describes a way to choose what is read.
type way struct {
	key, name string
	style     plate.Style
}

// ways lists the ways in the order of the legends.
var ways = []way{
	{storage.KMeans, "k-means clusters", plate.Style{Color: plate.Black, Marker: draw.CircleGlyph{}}},
	{"balanced", "balanced k-means", plate.Style{Color: plate.Grey, Dashes: []vg.Length{4, 1.5}, Marker: draw.BoxGlyph{}}},
	{storage.Closure, "SPANN's closure", plate.Style{Color: plate.Vermilion, Marker: draw.PyramidGlyph{}}},
	{storage.PaperNetwork, "network as published", plate.Style{Color: plate.Orange, Dashes: []vg.Length{6, 1.5, 1.5, 1.5}, Marker: draw.TriangleGlyph{}}},
	{storage.BestNetwork, "network, wide, soft labels", plate.Style{Color: plate.Purple, Dashes: []vg.Length{2.5, 2.5}, Marker: draw.CrossGlyph{}}},
	{"router", "network in an index", plate.Style{Color: plate.Purple, Marker: draw.PlusGlyph{}}},
	{"pages", "pages by centroid", plate.Style{Color: plate.Blue, Marker: draw.SquareGlyph{}}},
	{"sketch", "pages by sketch", plate.Style{Color: plate.Green, Marker: draw.RingGlyph{}}},
}

// wayOf returns a way by its key. A key that is not in the list is its own name.
func wayOf(key string) way {
	if i := slices.IndexFunc(ways, func(w way) bool { return w.key == key }); i >= 0 {
		return ways[i]
	}
	return way{key, key, plate.Reference}
}

// byWay returns rows in groups of one way, in the order of the list, unknown ways last.
func byWay(rows []storage.Row) [][]storage.Row {
	return groupBy(ordered(slices.Clone(rows), func(r storage.Row) int {
		if i := slices.IndexFunc(ways, func(w way) bool { return w.key == r.Way }); i >= 0 {
			return i
		}
		return len(ways)
	}), func(r storage.Row) string { return r.Way })
}

// peerStyle returns the style of the i-th peer.
func peerStyle(i int) plate.Style {
	c := []plate.Style{{Color: plate.Sky}, {Color: plate.Grey}}[i%2]
	c.Dashes, c.Marker = engineDashes[1+i%4], engineMarkers[(i+3)%len(engineMarkers)]
	return c
}

// usual returns the rows of the largest base, with the test queries that no photograph of the base or the learn set has, or of the
// first test if there are none, and with each network's largest learn set.
func usual(rows []storage.Row) []storage.Row {
	data, base := storage.Largest(rows)
	return usualOf(filter(rows, func(r storage.Row) bool { return r.Data == data && r.Base == base }))
}

// usualOf is usual for rows of one base.
func usualOf(rows []storage.Row) []storage.Row {
	if len(rows) == 0 {
		return nil
	}
	test := storage.OtherPhotographs
	if !slices.ContainsFunc(rows, func(r storage.Row) bool { return r.Test == test }) {
		test = rows[0].Test
	}
	return storage.LastTrained(filter(rows, func(r storage.Row) bool { return r.Test == test }))
}

// at returns the rows of one k and recall.
func at(rows []storage.Row, k int, recall float64) []storage.Row {
	return filter(rows, func(r storage.Row) bool { return r.K == k && r.Recall == recall })
}

// bySize returns rows of one way and rule in groups that differ in their seeds alone, ascending in their memory.
func bySize(rows []storage.Row) [][]storage.Row {
	type size struct {
		budget       float64
		units, learn int
	}
	groups := groupBy(rows, func(r storage.Row) size {
		if r.Learn == 0 {
			return size{budget: r.Budget} // the number of units can depend on the seed
		}
		return size{r.Budget, r.Units, r.Learn}
	})
	slices.SortStableFunc(groups, func(a, b []storage.Row) int { return cmp.Compare(a[0].Memory, b[0].Memory) })
	return groups
}

// nearestSize returns the rows of one way whose memory is nearest to the usual one, all rules, recalls and seeds.
func nearestSize(rows []storage.Row) []storage.Row {
	off := func(g []storage.Row) float64 { return math.Abs(math.Log(g[0].Memory / usualMemory)) }
	return slices.MinFunc(bySize(rows), func(a, b []storage.Row) int { return cmp.Compare(off(a), off(b)) })
}

// searched returns the data and the size of a base.
func (s Subject) searched(data string, base int) string {
	return fmt.Sprintf("%s of %s · base of %s vectors", data, s.photographs(), thousands(base))
}

// photographs returns the name of the images that vectors were computed from.
func (s Subject) photographs() string {
	if s.generated() {
		return "generated images"
	}
	return s.Dataset
}

// upperFirst returns a sentence that begins with a capital letter.
func upperFirst(sentence string) string { return strings.ToUpper(sentence[:1]) + sentence[1:] }

// spreadLine is a line with a band over seeds.
type spreadLine struct{ line, low, high plotter.XYs }

func (l *spreadLine) add(x float64, y storage.Spread) {
	l.line = append(l.line, plotter.XY{X: x, Y: math.Log10(y.Mean)})
	l.low = append(l.low, plotter.XY{X: x, Y: math.Log10(y.Low)})
	l.high = append(l.high, plotter.XY{X: x, Y: math.Log10(y.High)})
}

// turned returns the line with its axes exchanged.
func (l spreadLine) turned() spreadLine {
	other := func(line plotter.XYs) (other plotter.XYs) {
		for _, p := range line {
			other = append(other, plotter.XY{X: p.Y, Y: p.X})
		}
		return other
	}
	return spreadLine{other(l.line), other(l.low), other(l.high)}
}

// styled is a line with its style.
type styled struct {
	spreadLine
	style plate.Style
}

// drawLines draws bands, or a bar where a line is a single point, and the lines above all of them.
func drawLines(p plate.Panel, all []styled) {
	for _, l := range all {
		if len(l.line) == 1 {
			p.Line(slices.Concat(l.low, l.high), plate.Style{Color: l.style.Color}, nil)
			continue
		}
		p.Band(l.low, l.high, l.style)
	}
	for _, l := range all {
		p.Line(l.line, l.style, l.line)
	}
}

// seedBands returns the sentence that explains the bands.
func seedBands(rows []storage.Row) []string {
	seeds := map[string]map[uint64]bool{} // of each way
	for _, r := range rows {
		if seeds[r.Way] == nil {
			seeds[r.Way] = map[uint64]bool{}
		}
		seeds[r.Way][r.Seed] = true
	}
	most, single := 0, false
	for _, of := range seeds {
		most, single = max(most, len(of)), single || len(of) == 1
	}
	if most < 2 {
		return nil
	}
	sentence := fmt.Sprintf("Bands and bars reach from the smallest to the largest of %d seeds.", most)
	if single {
		return []string{sentence, "Ways without them have one seed."}
	}
	return []string{sentence}
}

// costTicks labels an axis of common logarithms: round multiples over less than a factor of 6, else 1, 2 and 5 times the powers of ten,
// over three decades or more the powers.
var costTicks = plot.TickerFunc(func(low, high float64) []plot.Tick {
	switch {
	case high-low < math.Log10(6):
		return roundRatios(low, high)
	case high-low < 3:
		return plate.Decades125(low, high)
	}
	return plate.FewOrManyDecades(low, high)
})

// roundRatios labels round multiples on an axis of common logarithms.
func roundRatios(low, high float64) []plot.Tick {
	ticks := plate.RoundTicks(math.Pow(10, low), math.Pow(10, high))
	for i, t := range ticks {
		ticks[i].Value = math.Log10(t.Value)
	}
	return ticks
}

// compactTicks is costTicks with 10k for 10000, for horizontal axes.
var compactTicks = plot.TickerFunc(func(low, high float64) []plot.Tick {
	ticks := costTicks(low, high)
	for i, t := range ticks {
		if thousand, whole := strings.CutSuffix(t.Label, "000"); whole {
			ticks[i].Label = thousand + "k"
		}
	}
	return ticks
})

// ratioTicks labels ratios on an axis of common logarithms: round multiples over less than a factor of 2.5, else some round ratios.
var ratioTicks = plot.TickerFunc(func(low, high float64) (ticks []plot.Tick) {
	if high-low < math.Log10(2.5) {
		return roundRatios(low, high)
	}
	for _, ratio := range []float64{.01, .02, .05, .1, .2, .3, .5, .7, 1, 1.5, 2, 3, 5, 10, 20, 50} {
		if x := math.Log10(ratio); x >= low-1e-9 && x <= high+1e-9 {
			ticks = append(ticks, plot.Tick{Value: x, Label: fmt.Sprint(ratio)})
		}
	}
	return ticks
})

// aDecade extends a horizontal axis of common logarithms to at least a decade.
func aDecade(p plate.Panel) {
	if room := (1 - p.X.Max + p.X.Min) / 2; room > 0 {
		p.X.Min, p.X.Max = p.X.Min-room, p.X.Max+room
	}
}

// apart extends the axes of a panel, so that markers do not touch them.
func apart(p plate.Panel) {
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		room := (a.Max - a.Min) / 40
		a.Min, a.Max = a.Min-room, a.Max+room
	}
}

// Quantities of a row.
func vectorsOf(r storage.Row) float64   { return r.Vectors }
func kilobytesOf(r storage.Row) float64 { return r.Bytes / 1000 }
func memoryOf(r storage.Row) float64    { return r.Memory }

// level draws a horizontal line over the width of a panel, which must have its lines.
func level(p plate.Panel, y float64, s plate.Style) {
	p.Line(plotter.XYs{{X: p.X.Min, Y: y}, {X: p.X.Max, Y: y}}, s, nil)
}

// ofSeeds returns the smallest and the largest value of several seeds in brackets, after a space; "" for a single seed.
func ofSeeds(s storage.Spread) string {
	if s.Seeds < 2 {
		return ""
	}
	return fmt.Sprintf(" (%.2f–%.2f)", s.Low, s.High)
}
