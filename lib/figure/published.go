package figure

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

// publishedView is one panel of ours beside the authors', both as the paper's code computed it.
type publishedView struct {
	title  string
	ours   measure
	theirs func(r study.PublishedRow) float64
	scale  func(x float64) float64 // from a mean to the height of its point
	reach  []float64               // that the axis shows whatever the records are
}

var publishedViews = []publishedView{
	{fidelity.Overlap.Title(), overlap, func(r study.PublishedRow) float64 { return r.Overlap }, asIs, []float64{1}},
	{fidelity.PublishedDistance.Title() + ", exact", measure{"published_distance_exact", func(r study.Record) float64 { return r.Of(fidelity.PublishedDistance.ExactMean) }},
		func(r study.PublishedRow) float64 { return r.DistanceExact }, asIs, nil},
	{"squared distance over exact", measure{"published_distance_ratio", func(r study.Record) float64 {
		return r.Of(fidelity.PublishedDistance.Mean) / r.Of(fidelity.PublishedDistance.ExactMean)
	}},
		func(r study.PublishedRow) float64 { return r.DistanceANN / r.DistanceExact }, math.Log10, []float64{0}},
	{fidelity.PublishedBarycenterShift.Title(), measure{"published_barycenter_shift", func(r study.Record) float64 { return r.Of(fidelity.PublishedBarycenterShift.Mean) }},
		func(r study.PublishedRow) float64 { return r.BarycenterShift }, asIs, []float64{0}},
	{fidelity.PublishedLID.Title(), measure{"published_lid_ann", func(r study.Record) float64 { return r.Of(fidelity.PublishedLID.Mean) }},
		func(r study.PublishedRow) float64 { return r.LIDANN }, asIs, []float64{0}},
}

func asIs(x float64) float64 { return x }

// PublishedFixedEffort lays the authors' numbers for condition 1 under ours, both in the paper's definitions: squared
// distances, empty slots averaged as the largest float32, the label −1 read as the last row.
func PublishedFixedEffort(records []study.Record, about Subject) (*Figure, error) {
	return drawPublished("PublishedFixedEffort", "Condition 1 as published: fixed efSearch", settingsOf{records, 1, study.IndexHNSW}, about)
}

// PublishedIndexQuality does the same for condition 2.
func PublishedIndexQuality(records []study.Record, about Subject) (*Figure, error) {
	return drawPublished("PublishedIndexQuality", "Condition 2 as published: efConstruction varies", settingsOf{records, 2, study.IndexHNSW}, about)
}

// PublishedScaledEffort does the same for condition 3, with the records of study.AsPublishedFile: the authors' index had
// efConstruction 400.
func PublishedScaledEffort(asPublished []study.Record, about Subject) (*Figure, error) {
	return drawPublished("PublishedScaledEffort", "Condition 3 as published: efSearch = alpha · k, efConstruction 400", settingsOf{asPublished, 3, study.IndexHNSW}, about)
}

func drawPublished(name, title string, of settingsOf, about Subject) (*Figure, error) {
	all, err := of.get()
	if err != nil {
		return nil, err
	}
	legend := newBlock(heading(all[0]))
	p := &plate{
		name: name, title: title + "\n" + about.withRuns(len(all[0].runs)), width: DoubleColumn, height: 1.85 * vg.Inch,
		panels: make([][]panel, 2), legends: []*block{legend},
		data: [][]string{row("measure", "index", "parameter", "value", "runs", "queries", "k", "here", "published")},
	}
	for i, v := range publishedViews {
		drawn := newKPanel(fmt.Sprintf("%c   %s", 'a'+i, v.title))
		if v.scale(10) == 1 {
			drawn.Y.Tick.Marker = logTicks(powers)
		}
		theirs := v.drawTheirs(drawn, all, of.condition)
		lines := v.drawOurs(drawn, all)
		for _, y := range v.reach {
			drawn.Y.Min, drawn.Y.Max = min(drawn.Y.Min, y), max(drawn.Y.Max, y)
		}
		if i == 0 {
			for _, l := range lines {
				legend.add(l.name, l.thumbs...)
			}
			legend.add("published (STL-10, V2 weights)", theirs...)
		}
		p.data = append(p.data, v.table(all, of.condition)...)
		p.panels[i/3] = append(p.panels[i/3], drawn)
	}
	p.panels[1] = append(p.panels[1], panel{})
	return p.figure(), nil
}

func (v publishedView) drawOurs(p panel, all []setting) (lines []namedThumbs) {
	for i, s := range all {
		var line plotter.XYs
		for _, at := range s.points(v.ours) {
			line = append(line, plotter.XY{X: float64(at.k), Y: v.scale(at.mean)})
		}
		lines = append(lines, namedThumbs{s.name(), p.addLine(line, styleAt(i), 10)})
	}
	return lines
}

// drawTheirs draws the authors' lines in grey; a setting has the same marker there.
func (v publishedView) drawTheirs(p panel, all []setting, condition int) (thumbs []plot.Thumbnailer) {
	for i, s := range all {
		var line plotter.XYs
		for _, k := range s.ks() {
			if r, ok := study.PublishedAt(condition, s.value, k); ok {
				line = append(line, plotter.XY{X: float64(k), Y: v.scale(v.theirs(r))})
			}
		}
		grey := publishedStyle
		grey.marker = styleAt(i).marker
		thumbs = p.addLine(line, grey, 10)
	}
	return thumbs[:1]
}

// table has a line for each k at which both have a number.
func (v publishedView) table(all []setting, condition int) (rows [][]string) {
	for _, s := range all {
		for _, at := range s.points(v.ours) {
			if r, ok := study.PublishedAt(condition, s.value, at.k); ok {
				rows = append(rows, row(v.ours.column, s.index, s.parameter, digits(s.value), strconv.Itoa(len(s.runs)), s.queries, at.k, at.mean, v.theirs(r)))
			}
		}
	}
	return rows
}
