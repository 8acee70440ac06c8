package figure

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/study/compare"
)

// RecallSpeed draws recall against queries per second as ann-benchmarks does, one panel for each k that was asked with several
// efSearch: up and right is better. Engines that approximate are lines through efSearch, exact ones dots.
func RecallSpeed(r *compare.Result, about Subject) (*Figure, error) {
	ks := sweptK(r.Records)
	if len(ks) == 0 {
		return nil, fmt.Errorf("figure: %w of one k at several efSearch", errNoRecords)
	}
	look := styles(engineNames(r))
	exact, approximate, more := newBlock("exact engines"), newBlock("approximate engines, a marker for each efSearch"), newBlock(" ")
	data := [][]string{row("k", "engine", "version", "ef_search", "recall", "queries_per_second", "latency_median_ms")}
	var panels []panel
	for i, k := range ks {
		p := newPanel(fmt.Sprintf("%c   queries per second, k = %d", 'a'+i, k), "recall")
		p.Y.Tick.Marker = logTicks(powers)
		lines := speedLines(r, k)
		for j, l := range lines {
			thumbs := p.addLine(l.xy(), look[l.name], 1)
			if i == 0 {
				legend := approximate
				switch {
				case l.exact():
					legend, thumbs = exact, thumbs[1:]
				case approximate.lines > len(filter(lines[j:], func(l engineLine) bool { return !l.exact() })):
					legend = more
				}
				legend.add(l.name, thumbs...)
			}
			for _, x := range l.records {
				data = append(data, row(k, l.name, l.version, x.EfSearch, x.Overlap, x.BatchPerSecond, x.LatencyMedian))
			}
		}
		panels = append(panels, p)
	}
	return (&plate{
		name: "RecallSpeed", width: DoubleColumn, height: 2.6 * vg.Inch, panels: inRows(panels), legends: []*block{approximate, more, exact}, perRow: 3, data: data,
		title: "Recall against speed: a batch on every core\n" + about.compared(r),
	}).figure(), nil
}

// sweptK is every k that some engine was asked with several efSearch.
func sweptK(records []compare.Record) (ks []int) {
	type asked struct {
		engine string
		k      int
	}
	times := map[asked]int{}
	for _, r := range records {
		one := asked{r.Engine, r.K}
		times[one]++
		if times[one] == 2 && !slices.Contains(ks, r.K) {
			ks = append(ks, r.K)
		}
	}
	slices.Sort(ks)
	return ks
}

// samePolicies is the beginning of the names of engines that differ only where k exceeds efSearch.
const samePolicies = "anncapacity HNSW "

// speedLines is what each engine answered at k, ascending by efSearch; of the project's policies the first alone.
func speedLines(r *compare.Result, k int) (lines []engineLine) {
	told := false
	for _, e := range r.Engines {
		own := filter(r.Records, func(x compare.Record) bool { return x.Engine == e.Engine && x.K == k && x.Error == "" })
		if len(own) == 0 || told && strings.HasPrefix(e.Engine, samePolicies) {
			continue
		}
		told = told || strings.HasPrefix(e.Engine, samePolicies)
		slices.SortFunc(own, func(a, b compare.Record) int { return cmp.Compare(a.EfSearch, b.EfSearch) })
		lines = append(lines, engineLine{e.Engine, e.Version, e.Observed, own})
	}
	return lines
}

func (l engineLine) exact() bool { return l.records[0].EfSearch == 0 }

// xy is recall and the common logarithm of queries per second.
func (l engineLine) xy() (line plotter.XYs) {
	for _, r := range l.records {
		line = append(line, plotter.XY{X: r.Overlap, Y: math.Log10(r.BatchPerSecond)})
	}
	return line
}
