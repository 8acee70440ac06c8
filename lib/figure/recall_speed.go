package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
	"anncapacity/lib/engine/own"
	"anncapacity/lib/internal/plate"
)

var recallSpeed = Entry{
	Name: "RecallSpeed",
	From: enginesFiles,
	Shows: "Recall against queries per second of a batch on every core; up and right is better. A line has a marker for each efSearch; dots are exact engines. " +
		"As in ann-benchmarks, a setting is left out if another one of the same engine is better in both. " +
		"The policies of this project's index give the same answers if efSearch is at least k, so only one of them is drawn.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return RecallSpeed(r.Engines, about) },
	unavailable: withoutEngines,
	findings:    func(r *Results) ([]string, error) { return RecallSpeedFindings(r.Engines) },
}

// RecallSpeed draws recall against queries per second as ann-benchmarks does, with one panel for each k with several efSearch.
// An approximate engine is a line with a marker for each efSearch, without those for which another efSearch of the same engine
// is better in both. An exact engine is a dot.
func RecallSpeed(r *compare.Result, about Subject) (*Figure, error) {
	return recallSpeedOf(r, "RecallSpeed", "Recall against speed: a batch on every core\n"+about.compared(r))
}

// recallSpeedOf draws RecallSpeed under a name and a title.
func recallSpeedOf(r *compare.Result, name, title string) (*Figure, error) {
	ks := sweptK(r.Records)
	if len(ks) == 0 {
		return nil, fmt.Errorf("figure: %w of one k at several efSearch", errNoRecords)
	}
	look, err := styles(r.Engines)
	if err != nil {
		return nil, err
	}
	data := [][]string{row("k", "engine", "version", "ef_search", "recall", "queries_per_second", "latency_median_ms")}
	var panels []plate.Panel
	var legends []*plate.Legend
	for i, k := range ks {
		p := plate.NewPanel(plate.Letter(i, fmt.Sprintf("queries per second, k = %d", k)), "recall, spread out towards 1")
		p.X.Tick.Marker, p.Y.Tick.Marker = plot.TickerFunc(recallTicks), plate.FewOrManyDecades
		lines := speedLines(r, k)
		shown := make([][]plot.Thumbnailer, len(lines))
		for j, l := range lines {
			frontier := l.frontier()
			shown[j] = p.Line(frontier, look[l.name], frontier)
			for _, x := range l.records {
				data = append(data, row(k, l.name, l.version, x.EfSearch, x.Overlap, x.BatchPerSecond, x.LatencyMedian))
			}
		}
		p.Y.Min, p.Y.Max = p.Y.Min-.15, p.Y.Max+.15 // markers do not touch the axes
		if i == 0 {
			legends = speedLegends(lines, shown)
		}
		panels = append(panels, p)
	}
	return newFigure(name, &plate.Plate{
		Width: plate.DoubleColumn, Height: 2.6 * vg.Inch, Panels: panels, Legends: legends, PerRow: len(legends), Title: title,
	}, data), nil
}

// speedLegends returns three legends: two for the approximate engines and one for the exact engines, which have no lines.
func speedLegends(lines []engineLine, shown [][]plot.Thumbnailer) []*plate.Legend {
	legends := []*plate.Legend{plate.NewLegend("approximate engines, a marker for each efSearch"), plate.NewLegend(" "), plate.NewLegend("exact engines")}
	half := (len(filter(lines, func(l engineLine) bool { return !l.exact() })) + 1) / 2
	for i, l := range lines {
		switch {
		case l.exact():
			legends[2].Add(l.name, shown[i][1:]...)
		case legends[0].Len() < half:
			legends[0].Add(l.name, shown[i]...)
		default:
			legends[1].Add(l.name, shown[i]...)
		}
	}
	return legends
}

// sweptK returns every k, ascending, for which an engine has records at several efSearch.
func sweptK(records []compare.Record) (ks []int) {
	type search struct {
		engine string
		k      int
	}
	times := map[search]int{}
	for _, r := range records {
		one := search{r.Engine, r.K}
		times[one]++
		if times[one] == 2 && !slices.Contains(ks, r.K) {
			ks = append(ks, r.K)
		}
	}
	slices.Sort(ks)
	return ks
}

// speedLines returns the records of each engine at k, ascending by efSearch. The project's approximate engines differ only for
// k > efSearch, so only the first of them has a line.
func speedLines(r *compare.Result, k int) (lines []engineLine) {
	drawn := false // whether an approximate engine of the project has a line
	for _, e := range r.Engines {
		records := filter(r.Records, func(x compare.Record) bool { return x.Engine == e.Engine && x.K == k && x.Error == "" })
		policyOfProject := e.Family == own.Exact().Family && e.Policy != engine.Exact
		if len(records) == 0 || drawn && policyOfProject {
			continue
		}
		drawn = drawn || policyOfProject
		slices.SortFunc(records, func(a, b compare.Record) int { return cmp.Compare(a.EfSearch, b.EfSearch) })
		lines = append(lines, engineLine{e.Engine, e.Version, e.Observed, records})
	}
	return lines
}

// frontier returns nines(recall) and the common logarithm of queries per second for each efSearch, without those for which
// another efSearch is better in both.
func (l engineLine) frontier() (line plotter.XYs) {
	for i, r := range l.records {
		dominated := slices.ContainsFunc(l.records[:i], func(x compare.Record) bool { return x.Overlap >= r.Overlap && x.BatchPerSecond >= r.BatchPerSecond }) ||
			slices.ContainsFunc(l.records[i+1:], func(x compare.Record) bool {
				return x.Overlap >= r.Overlap && x.BatchPerSecond >= r.BatchPerSecond && (x.Overlap > r.Overlap || x.BatchPerSecond > r.BatchPerSecond)
			})
		if !dominated {
			line = append(line, plotter.XY{X: nines(r.Overlap), Y: math.Log10(r.BatchPerSecond)})
		}
	}
	slices.SortFunc(line, func(a, b plotter.XY) int { return cmp.Compare(a.X, b.X) })
	return line
}

// nines returns the position of a recall on an axis that spreads values near 1: 0.9 is at 1, 0.99 at 2, and 1 at 4.
func nines(recall float64) float64 { return -math.Log10(1 - recall + 1e-4) }

func recallTicks(low, high float64) (ticks []plot.Tick) {
	for _, recall := range []float64{0, .2, .5, .8, .9, .95, .99, .999, 1} {
		if x := nines(recall); x >= low-1e-9 && x <= high+1e-9 {
			ticks = append(ticks, plot.Tick{Value: x, Label: fmt.Sprint(recall)})
		}
	}
	return ticks
}

// goodRecall is the recall for which RecallSpeedFindings names the fastest engine.
const goodRecall = .99

// RecallSpeedFindings returns a sentence for each k with the fastest engine among those with a recall of at least .99.
func RecallSpeedFindings(r *compare.Result) (said []string, err error) {
	for _, k := range sweptK(r.Records) {
		var best compare.Record
		for _, l := range speedLines(r, k) {
			for _, x := range l.records {
				if x.Overlap >= goodRecall && x.BatchPerSecond > best.BatchPerSecond {
					best = x
				}
			}
		}
		if best.Engine != "" {
			effort := "by exact search"
			if best.EfSearch > 0 {
				effort = fmt.Sprintf("at efSearch %d", best.EfSearch)
			}
			said = append(said, fmt.Sprintf("At k = %d the most queries per second with a recall of at least %v are those of %s, %.0f %s (recall %.3f).",
				k, goodRecall, best.Engine, best.BatchPerSecond, effort, best.Overlap))
		}
	}
	return said, nil
}
