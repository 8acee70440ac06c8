package figure

import (
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/internal/plate"
	"anncapacity/lib/study"
)

// publishedView is one panel with the project's values and the authors', both as computed by the paper's code.
type publishedView struct {
	ours   quantity
	theirs func(r study.PublishedRow) float64
	log    bool      // the axis is of common logarithms
	reach  []float64 // values that the axis always includes
}

var publishedViews = []publishedView{
	{overlap, func(r study.PublishedRow) float64 { return r.Overlap }, false, []float64{1}},
	{publishedDistanceExact, func(r study.PublishedRow) float64 { return r.DistanceExact }, false, nil},
	{publishedDistanceRatio, func(r study.PublishedRow) float64 { return r.DistanceANN / r.DistanceExact }, true, []float64{0}},
	{publishedBarycenterShift, func(r study.PublishedRow) float64 { return r.BarycenterShift }, false, []float64{0}},
	{publishedLIDANN, func(r study.PublishedRow) float64 { return r.LIDANN }, false, []float64{0}},
}

// height returns the position of a mean on the vertical axis.
func (v publishedView) height(mean float64) float64 {
	if v.log {
		return math.Log10(mean)
	}
	return mean
}

// besidePublished is a figure of one condition on the project's index with the authors' numbers.
type besidePublished struct {
	name, title string
	condition   int
}

func (b besidePublished) draw(records []study.Record, about Subject) (*Figure, error) {
	all, err := settings(records, b.condition, study.IndexHNSW)
	if err != nil {
		return nil, err
	}
	legend := plate.NewLegend(all[0].heading())
	table := [][]string{row("measure", "index", "parameter", "value", "runs", "queries", "k", "here", "published")}
	var panels []plate.Panel
	for i, v := range publishedViews {
		p := newKPanel(plate.Letter(i, v.ours.title()))
		theirs := v.drawTheirs(p, all)
		lines := v.drawOurs(p, all)
		if i == 0 {
			addAll(legend, lines)
			legend.Add("published (STL-10, V2 weights)", theirs...)
		}
		panels, table = append(panels, p), append(table, v.table(all)...)
	}
	return newFigure(b.name, &plate.Plate{
		Title: b.title + "\n" + about.withRuns(len(all[0].runs)), Width: plate.DoubleColumn, Height: 1.85 * vg.Inch,
		Panels: panels, Legends: []*plate.Legend{legend},
	}, table), nil
}

func (v publishedView) drawOurs(p plate.Panel, all []setting) (lines []legendEntry) {
	for i, s := range all {
		line := means(s.points(v.ours), atK)
		for j := range line {
			line[j].Y = v.height(line[j].Y)
		}
		lines = append(lines, legendEntry{s.name(), p.Line(line, plate.Shade(i), plate.Every(10, line))})
	}
	p.Include(v.reach...)
	if v.log {
		p.Y.Tick.Marker = plate.LogTicks(plate.Powers)
	}
	return lines
}

// drawTheirs draws the authors' lines in grey, with the markers of the settings.
func (v publishedView) drawTheirs(p plate.Panel, all []setting) (thumbs []plot.Thumbnailer) {
	for i, s := range all {
		var line plotter.XYs
		for _, k := range s.ks() {
			if r, ok := study.PublishedAt(s.condition, s.value, k); ok {
				line = append(line, plotter.XY{X: float64(k), Y: v.height(v.theirs(r))})
			}
		}
		grey := plate.Underlaid
		grey.Marker = plate.Shade(i).Marker
		thumbs = p.Line(line, grey, plate.Every(10, line))
	}
	return thumbs[:1]
}

// table returns a row for each k at which both have a number.
func (v publishedView) table(all []setting) (rows [][]string) {
	for _, s := range all {
		for _, at := range s.points(v.ours) {
			if r, ok := study.PublishedAt(s.condition, s.value, at.k); ok {
				rows = append(rows, row(v.ours.column, s.index, s.parameter, digits(s.value), len(s.runs), s.queries, at.k, at.mean, v.theirs(r)))
			}
		}
	}
	return rows
}

// publishedFindings returns sentences with the project's and the authors' overlaps at the largest k.
func publishedFindings(records []study.Record, condition int) ([]string, error) {
	all, err := settings(records, condition, study.IndexHNSW)
	if err != nil {
		return nil, err
	}
	k := slices.Max(all[0].ks())
	all = filter(all, func(s setting) bool { _, ok := study.PublishedAt(condition, s.value, k); return ok })
	if len(all) == 0 {
		return nil, nil
	}
	theirs := inTurn(all, "", func(s setting) (string, any) {
		row, _ := study.PublishedAt(condition, s.value, k)
		return shareOf(row.Overlap), s.value
	})
	return []string{overlapAtLargestK(all), "Published: " + theirs + "."}, nil
}
