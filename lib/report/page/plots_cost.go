package page

import (
	"cmp"
	"html/template"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"anncapacity/lib/internal/plate"
	"anncapacity/lib/report"
)

// latency draws the time of a question against efSearch, with that of the exact scan: the medians of all scans or, if there is one scan,
// its quantiles.
func (p plots) latency() (template.HTML, error) {
	untimed := func(l line) bool {
		return slices.ContainsFunc(l.settings, func(s report.Setting) bool { return s.Latency == nil || s.Latency.Median <= 0 })
	}
	if !p.ok || slices.ContainsFunc(p.lines, untimed) {
		return "", nil
	}
	c := newChart(p.r.EffortName(), "milliseconds", p.mainHeading())
	if p.scans() {
		c = newChart(p.r.EffortName(), "milliseconds, p50", p.heading())
		for i, l := range p.lines {
			c.line(l.name, l.settings, styleOf(i, l), func(s report.Setting) float64 { return math.Log10(s.Latency.Median) })
		}
	} else {
		for i, q := range latencies {
			c.line(q.name, p.main.settings, styleOf(i, p.main), func(s report.Setting) float64 { return math.Log10(q.of(s.Latency)) })
		}
	}
	c.Y.Tick.Marker = plot.TickerFunc(effortTicks)
	if exact := p.exact(); exact != nil && exact.Median > 0 {
		c.level("exact scan, p50", math.Log10(exact.Median), plate.Reference)
	}
	widen(c.Panel)
	return c.inline("Milliseconds of a question against " + p.r.EffortName() + ", quantiles over the queries, and the median of the exact scan.")
}

var latencies = []struct {
	name string
	of   func(*report.Latency) float64
}{
	{"p50", func(l *report.Latency) float64 { return l.Median }},
	{"p95", func(l *report.Latency) float64 { return l.High }},
	{"p99", func(l *report.Latency) float64 { return l.Most }},
}

// exact returns the times of the exact scan at the k of the verdict, nil if they are not known.
func (p plots) exact() *report.Latency {
	for _, s := range p.r.Settings {
		if s.K == p.r.VerdictK() && s.ExactLatency != nil {
			return s.ExactLatency
		}
	}
	return nil
}

// widen extends a vertical axis of common logarithms a little, and so that it has two labels.
func widen(p plate.Panel) {
	p.Y.Min, p.Y.Max = p.Y.Min-.1, p.Y.Max+.1
	if p.Y.Max-p.Y.Min < .6 {
		p.Y.Min, p.Y.Max = p.Y.Min-.2, p.Y.Max+.2
	}
}

// capacity draws the number of vectors that a search visits and the largest k that it is enough for, against efSearch.
func (p plots) capacity() (template.HTML, error) {
	known := slices.DeleteFunc(slices.Clone(p.main.settings), func(s report.Setting) bool { return s.Capacity == nil || s.Capacity.Visited <= 0 })
	if len(known) < 2 {
		return "", nil
	}
	c := newChart(p.r.EffortName(), "vectors", "")
	c.Y.Tick.Marker = plot.TickerFunc(effortTicks)
	c.line("visited by a search", known, styleOf(0, p.main), func(s report.Setting) float64 { return math.Log10(s.Capacity.Visited) })
	c.line("largest k with a recall of "+report.Percent(p.r.Wanted), known, styleOf(2, p.main), func(s report.Setting) float64 {
		return math.Log10(float64(s.Capacity.LargestK)) // −Inf, which is not drawn, if there is none
	})
	widen(c.Panel)
	return c.inline("Number of visited vectors, and the largest k that a search is enough for, against " + p.r.EffortName() + ".")
}

// labels draws what post-filtering returns against capacity × selectivity / k or, if the capacity is not known, against the selectivity.
func (p plots) labels() (template.HTML, error) {
	at := slices.DeleteFunc(slices.Clone(p.r.Labels), func(l report.Label) bool { return l.K != p.r.VerdictK() || p.reach(l) <= 0 })
	if len(at) < 2 {
		return "", nil
	}
	slices.SortStableFunc(at, func(a, b report.Label) int { return cmp.Compare(p.reach(a), p.reach(b)) })
	x := "selectivity"
	if p.visited(at[0].K, at[0].EfSearch) > 0 {
		x = "visited × selectivity / k"
	}
	c := newChart(x, "share", p.atK()+"; a mark for each label and "+p.r.EffortName())
	c.X.Tick.Marker = plate.FewOrManyDecades
	var fill, recall plotter.XYs
	for _, l := range at {
		x := math.Log10(p.reach(l))
		fill, recall = append(fill, plotter.XY{X: x, Y: l.Fill}), append(recall, plotter.XY{X: x, Y: l.Recall})
	}
	c.shares(0)
	c.legend.Add("fill: answers / min(k, matching vectors)", c.Marks(fill, plate.Shade(0)))
	c.legend.Add("recall: share of the label's true neighbours", c.Marks(recall, plate.Shade(2)))
	if x != "selectivity" {
		c.expected(fill[0].X, fill[len(fill)-1].X)
	}
	return c.inline("Fill and recall of post-filtering for each label against " + x + ".")
}

// expected adds the fill if a label's vectors are among the visited as often as among all.
func (c chart) expected(low, high float64) {
	line := plotter.XYs{}
	for i := range 101 {
		x := low + (high-low)*float64(i)/100
		line = append(line, plotter.XY{X: x, Y: min(1, math.Pow(10, x))})
	}
	c.legend.Add("fill if labels were spread evenly", c.Line(line, plate.Reference, nil)...)
}

// reach returns the horizontal position of a label: the expected number of visited vectors with the label for each that is asked for.
func (p plots) reach(l report.Label) float64 {
	if visited := p.visited(l.K, l.EfSearch); visited > 0 {
		return visited * l.Selectivity / float64(max(1, min(l.K, l.Matching)))
	}
	return l.Selectivity
}

// visited returns the number of vectors that a search visits, 0 if it is not known.
func (p plots) visited(k, ef int) float64 {
	for _, s := range p.r.Settings {
		if s.K == k && s.EfSearch == ef && s.Capacity != nil {
			return s.Capacity.Visited
		}
	}
	return 0
}
