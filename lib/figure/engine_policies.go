package figure

import (
	"errors"
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
	"anncapacity/lib/internal/plate"
)

var enginePolicies = Entry{
	Name: "EnginePolicies",
	From: enginesFiles,
	Shows: "Answers of engines on the same embeddings at one efSearch, grouped by their observed policy when k exceeds it. " +
		"Lines are the overlap with the exact neighbours, dotted lines the share of the k slots that are filled; a search that was rejected has no line.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return EnginePolicies(r.Engines, about) },
	unavailable: withoutEngines,
	findings:    func(r *Results) ([]string, error) { return EnginePoliciesFindings(r.Engines) },
}

// observed lists the observed policies in the order of the panels.
var observed = []struct {
	policy  engine.Policy
	heading string
}{
	{engine.Exact, "exact"},
	{engine.Pads, "pads: answers are short"},
	{engine.Truncates, "truncates at efSearch"},
	{engine.Raises, "raises: full answers, as of effort k"},
	{engine.Fills, "fills: full answers, as of efSearch"},
	{engine.IgnoresEfSearch, "ignores efSearch"},
	{engine.Rejects, "rejects"},
	{engine.NotAsked, "was not asked for more"},
}

var errNoEngines = errors.New("figure: no engine was run")

// EnginePolicies draws overlap (lines) and fill (dotted lines) against k at the comparison's efSearch, with one panel for each
// observed policy.
func EnginePolicies(r *compare.Result, about Subject) (*Figure, error) {
	lines := engineLines(r)
	if len(lines) == 0 {
		return nil, errNoEngines
	}
	look, err := styles(r.Engines)
	if err != nil {
		return nil, err
	}
	most, _ := atLargest(r.Records, func(r compare.Record) int { return r.K })
	data := [][]string{row("policy", "engine", "version", "ef_search", "k", "overlap", "fill", "empty_share", "error")}
	var panels []plate.Panel
	var legends []*plate.Legend
	for _, o := range observed {
		these := filter(lines, func(l engineLine) bool { return l.policy == o.policy })
		if len(these) == 0 {
			continue
		}
		p, legend := newKPanel(plate.Letter(len(panels), string(o.policy))), plate.NewLegend(plate.Letter(len(panels), o.heading))
		p.Y.Min, p.Y.Max, p.X.Max = 0, 1, float64(most)
		for i, l := range these {
			legend.Add(l.name, addEngine(p, l, look[l.name], i, len(these))...)
			data = append(data, l.table()...)
		}
		panels, legends = append(panels, p), append(legends, legend)
	}
	return newFigure("EnginePolicies", &plate.Plate{
		Width: plate.DoubleColumn, Height: 1.75 * vg.Inch, Panels: panels, Legends: legends, PerRow: min(3, len(legends)),
		Title: "What real engines return: overlap (lines) and share of the k slots that are filled (dotted)\n" + about.compared(r) + studyEffort(lines),
	}, data), nil
}

func (l engineLine) table() (rows [][]string) {
	for _, r := range l.records {
		rows = append(rows, row(l.policy, l.name, l.version, r.EfSearch, r.K, r.Overlap, r.Fill, r.EmptyShare, r.Error))
	}
	return rows
}

// addEngine draws the i-th of n engines in a panel.
func addEngine(p plate.Panel, l engineLine, s plate.Style, i, n int) []plot.Thumbnailer {
	var overlaps, fill plotter.XYs
	var refused []int
	for _, r := range l.records {
		if r.Error != "" {
			refused = append(refused, r.K)
			continue
		}
		overlaps = append(overlaps, plotter.XY{X: float64(r.K), Y: r.Overlap})
		fill = append(fill, plotter.XY{X: float64(r.K), Y: r.Fill})
	}
	if len(refused) > 0 && i == 0 {
		p.Note(float64(refused[0]+refused[len(refused)-1])/2, .5, "k > efSearch: an error")
	}
	p.Line(fill, plate.Style{Color: plate.Mix(s.Color, plate.White, .5), Dashes: []vg.Length{.8, 1.4}, Width: 1.3}, nil)
	s.Radius = 2
	return p.Line(overlaps, s, plate.Spread(overlaps, i, n))
}

// studyEffort returns the efSearch of the approximate engines as the end of a title, "" if all are exact.
func studyEffort(lines []engineLine) string {
	for _, l := range lines {
		if !l.exact() {
			return fmt.Sprintf(", efSearch %d", l.records[0].EfSearch)
		}
	}
	return ""
}

// EnginePoliciesFindings returns sentences with the overlap and fill at the largest k and with the names of missing engines.
func EnginePoliciesFindings(r *compare.Result) ([]string, error) {
	lines := filter(engineLines(r), func(l engineLine) bool { return !l.exact() })
	if len(lines) == 0 {
		return nil, nil
	}
	last := func(l engineLine) compare.Record { return l.records[len(l.records)-1] }
	answered := filter(lines, func(l engineLine) bool { return last(l).Error == "" })
	said := []string{fmt.Sprintf("At k = %d and efSearch %d the overlap is %s.", last(lines[0]).K, last(lines[0]).EfSearch,
		inTurn(answered, "", func(l engineLine) (string, any) { return shareOf(last(l).Overlap), l.name }))}
	if short := filter(answered, func(l engineLine) bool { return last(l).Fill < 1 }); len(short) > 0 {
		said = append(said, "The share of slots that are filled is "+inTurn(short, "", func(l engineLine) (string, any) { return shareOf(last(l).Fill), l.name })+".")
	}
	return append(said, absent(r)...), nil
}

// absent returns a sentence with the names of the engines that were not run, if there are any.
func absent(r *compare.Result) []string {
	var names []string
	for _, e := range r.Engines {
		if e.Missing != "" {
			names = append(names, e.Engine)
		}
	}
	if names == nil {
		return nil
	}
	return []string{"Not run, because they were not available: " + strings.Join(names, ", ") + "."}
}
