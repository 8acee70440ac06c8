package figure

import (
	"cmp"
	"errors"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/compare"
	"anncapacity/lib/engine"
)

// observed is what engines are seen to do, in the order of the panels.
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

var errNoEngines = errors.New("figure: no engine was measured")

// EnginePolicies draws overlap (lines) and fill (dotted) against k at the comparison's efSearch, engines in panels by what they
// were seen to do.
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
	var panels []panel
	var legends []*block
	for _, o := range observed {
		these := filter(lines, func(l engineLine) bool { return l.policy == o.policy })
		if len(these) == 0 {
			continue
		}
		letter := 'a' + len(panels)
		p, legend := newKPanel(fmt.Sprintf("%c   %s", letter, o.policy)), newBlock(fmt.Sprintf("%c   %s", letter, o.heading))
		p.Y.Min, p.Y.Max, p.X.Max = 0, 1, float64(most)
		for i, l := range these {
			legend.add(l.name, p.addEngine(l, look[l.name], i, len(these))...)
			data = append(data, l.table()...)
		}
		panels, legends = append(panels, p), append(legends, legend)
	}
	return (&plate{
		name: "EnginePolicies", width: DoubleColumn, height: 1.75 * vg.Inch, panels: inRows(panels), legends: legends, perRow: min(3, len(legends)), data: data,
		title: "What real engines return: overlap (lines) and share of the k slots that are filled (dotted)\n" + about.compared(r) + studyEffort(lines),
	}).figure(), nil
}

// inRows puts panels into one row, or two.
func inRows(panels []panel) (rows [][]panel) {
	columns := len(panels)
	if columns > 3 {
		columns = (columns + 1) / 2
	}
	for row := range slices.Chunk(panels, columns) {
		rows = append(rows, append(slices.Clone(row), make([]panel, columns-len(row))...))
	}
	return rows
}

// engineLine is one engine's answers at the comparison's efSearch, ascending by k.
type engineLine struct {
	name, version string
	policy        engine.Policy
	records       []compare.Record
}

func engineLines(r *compare.Result) (lines []engineLine) {
	for _, e := range r.Engines {
		if e.Missing != "" {
			continue
		}
		own := filter(r.Records, func(x compare.Record) bool { return x.Engine == e.Engine })
		own = filter(own, func(x compare.Record) bool { return x.EfSearch == own[0].EfSearch })
		slices.SortFunc(own, func(a, b compare.Record) int { return cmp.Compare(a.K, b.K) })
		if len(own) > 0 {
			lines = append(lines, engineLine{e.Engine, e.Version, e.Observed, own})
		}
	}
	return lines
}

func (l engineLine) table() (rows [][]string) {
	for _, r := range l.records {
		rows = append(rows, row(l.policy, l.name, l.version, r.EfSearch, r.K, r.Overlap, r.Fill, r.EmptyShare, r.Error))
	}
	return rows
}

// addEngine draws the i-th of n engines of a panel.
func (p panel) addEngine(l engineLine, s style, i, n int) []plot.Thumbnailer {
	var overlap, fill plotter.XYs
	var refused []int
	for _, r := range l.records {
		if r.Error != "" {
			refused = append(refused, r.K)
			continue
		}
		overlap = append(overlap, plotter.XY{X: float64(r.K), Y: r.Overlap})
		fill = append(fill, plotter.XY{X: float64(r.K), Y: r.Fill})
	}
	if len(refused) > 0 && i == 0 {
		p.write(float64(refused[0]+refused[len(refused)-1])/2, .5, "k > efSearch: an error")
	}
	p.addLine(fill, style{color: mix(s.color, color.RGBA{255, 255, 255, 255}, .5), dashes: []vg.Length{.8, 1.4}, width: 1.3}, 0)
	bare := s
	bare.marker = nil
	p.addLine(overlap, bare, 0)
	dots := marks{&plotter.Scatter{XYs: signs(overlap, i, n), GlyphStyle: draw.GlyphStyle{Color: s.color, Radius: 2, Shape: s.marker}}}
	p.Add(dots)
	return []plot.Thumbnailer{&plotter.Line{LineStyle: draw.LineStyle{Color: s.color, Width: thin, Dashes: s.dashes}}, dots}
}

// write puts words into a panel, centred.
func (p panel) write(x, y float64, words string) {
	p.Add(note{x, y, words})
}

// compared is the source and the size of a comparison.
func (s Subject) compared(r *compare.Result) string {
	e := r.Engines[0]
	words := fmt.Sprintf("%s · %s × %s", s.source(), thousands(e.Points), thousands(e.Dimensions))
	if len(r.Records) > 0 {
		words += fmt.Sprintf(" · %s queries", thousands(r.Records[0].Queries))
	}
	return words
}

// studyEffort names the efSearch of lines, which exact engines have not.
func studyEffort(lines []engineLine) string {
	for _, l := range lines {
		if !l.exact() {
			return fmt.Sprintf(", efSearch %d", l.records[0].EfSearch)
		}
	}
	return ""
}
