package figure

import (
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/internal/plate"
	"anncapacity/lib/study"
)

// overlaps is a figure of the overlaps of condition 1, with one line for each efSearch and index and the 95 % interval of the
// mean as a band.
type overlaps struct {
	name, title string
	panel       plate.Panel
	x           func(efSearch float64, k int) float64 // position of a point on the horizontal axis
	marked      func(all []point, i int) bool         // reports whether the i-th point has a marker
}

func (o overlaps) draw(records []study.Record, about Subject) (*Figure, error) {
	all, err := settings(records, 1, "")
	if err != nil {
		return nil, err
	}
	o.panel.Y.Min, o.panel.Y.Max, o.panel.Y.Tick.Marker = 0, 1, plate.EveryMultiple(0.2)
	var legends []*plate.Legend
	for _, group := range groupBy(all, func(s setting) string { return s.index }) {
		for i, s := range group {
			addBand(o.panel, s, s.points(overlap), o.at(s), lineStyle(s, i))
		}
	}
	for _, group := range groupBy(all, func(s setting) string { return s.index }) {
		legend := plate.NewLegend(group[0].heading())
		for i, s := range group {
			line := means(s.points(overlap), o.at(s))
			legend.Add(s.name(), o.panel.Line(line, lineStyle(s, i), o.markedOf(s, line))...)
		}
		legends = append(legends, legend)
	}
	return newFigure(o.name, &plate.Plate{
		Title: o.title + "\n" + about.withRuns(len(all[0].runs)), Width: plate.SingleColumn, Height: 2.5*vg.Inch - 4,
		Panels: []plate.Panel{o.panel}, Legends: legends,
	}, overlapsTable(all)), nil
}

func lineStyle(s setting, i int) plate.Style {
	style := styleOf(s.index, i)
	style.Width, style.Radius = 1, 1.8
	return style
}

func (o overlaps) at(s setting) func(k int) float64 {
	return func(k int) float64 { return o.x(s.value, k) }
}

func (o overlaps) markedOf(s setting, line plotter.XYs) (at plotter.XYs) {
	points := s.points(overlap)
	for i := range points {
		if o.marked(points, i) {
			at = append(at, line[i])
		}
	}
	return at
}

// overlapsTable returns the table of an overlap figure.
func overlapsTable(all []setting) [][]string {
	rows := [][]string{row("index", "ef_search", "runs", "queries", "k", "k_over_ef_search", "overlap", "overlap_low_95", "overlap_high_95")}
	for _, s := range all {
		for _, p := range s.points(overlap) {
			low, high := s.interval(p)
			rows = append(rows, row(s.index, s.value, len(s.runs), s.queries, p.k, digits(float64(p.k)/s.value), digits(p.mean), low, high))
		}
	}
	return rows
}

// ofIndex returns the settings of one index.
func ofIndex(all []setting, index string) []setting {
	return filter(all, func(s setting) bool { return s.index == index })
}

// spread returns the smallest and the largest overlap of the settings, each at the k that at returns for it.
func spread(all []setting, at func(setting) int) (low, high float64) {
	low, high = 1, 0
	for _, s := range all {
		if share, ok := s.at(overlap, at(s)); ok {
			low, high = min(low, share), max(high, share)
		}
	}
	return low, high
}

// sharedK returns the k that every setting has, ascending.
func sharedK(all []setting) []int {
	if len(all) == 0 {
		return nil
	}
	return filter(all[0].ks(), func(k int) bool { return everyHas(all, func(setting) int { return k }) })
}

func everyHas(all []setting, k func(setting) int) bool {
	return !slices.ContainsFunc(all, func(s setting) bool { return s.byK[k(s)] == nil })
}
