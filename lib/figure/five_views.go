package figure

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/fidelity"
	"anncapacity/lib/study"
)

// view is one panel: a measure of the approximate neighbours and, where there is one, of the exact neighbours.
type view struct {
	title      string
	ann, exact measure
	reach      []float64 // that the axis shows whatever the records are: values of an exact answer
}

// fiveViews are those of the paper, in the corrected definitions.
var fiveViews = []view{
	{title: fidelity.Overlap.Title(), ann: overlap, reach: []float64{1}},
	{title: fidelity.Distance.Title(), ann: measure{"distance_ann", func(r study.Record) float64 { return r.Of(fidelity.Distance.Mean) }},
		exact: measure{"distance_exact", func(r study.Record) float64 { return r.Of(fidelity.Distance.ExactMean) }}},
	{title: "distance error, %", ann: measure{"distance_error_percent", func(r study.Record) float64 { return 100 * (r.Of(fidelity.DistanceRatio.Mean) - 1) }}, reach: []float64{0}},
	{title: fidelity.BarycenterShift.Title(), ann: measure{"barycenter_shift", func(r study.Record) float64 { return r.Of(fidelity.BarycenterShift.Mean) }}, reach: []float64{0}},
	{title: fidelity.LID.Title(), ann: measure{"lid_ann", func(r study.Record) float64 { return r.Of(fidelity.LID.Mean) }},
		exact: measure{"lid_exact", func(r study.Record) float64 { return r.Of(fidelity.LID.ExactMean) }}},
}

var overlap = measure{"overlap", func(r study.Record) float64 { return r.Of(fidelity.Overlap.Mean) }}

// FiveViewsFixedEffort draws the paper's five views of condition 1 on the project's index: overlap, mean distance of the
// neighbours found, their excess over the exact distance, barycentre shift in root-mean-square radii, and LID (maximum
// likelihood at k), against k, one line for each efSearch, with the 95 % interval of the mean as a band.
func FiveViewsFixedEffort(records []study.Record, about Subject) (*Figure, error) {
	return drawFiveViews("FiveViewsFixedEffort", "Condition 1: fixed efSearch", settingsOf{records, 1, study.IndexHNSW}, about)
}

// FiveViewsIndexQuality draws the same of condition 2, one line for each efConstruction.
func FiveViewsIndexQuality(records []study.Record, about Subject) (*Figure, error) {
	return drawFiveViews("FiveViewsIndexQuality", "Condition 2: efConstruction varies, efSearch 50", settingsOf{records, 2, study.IndexHNSW}, about)
}

// FiveViewsScaledEffort draws the same of condition 3, one line for each alpha.
func FiveViewsScaledEffort(records []study.Record, about Subject) (*Figure, error) {
	return drawFiveViews("FiveViewsScaledEffort", "Condition 3: efSearch = alpha · k", settingsOf{records, 3, study.IndexHNSW}, about)
}

// FiveViewsCoderHNSW draws the same of condition 1 on coder/hnsw.
func FiveViewsCoderHNSW(records []study.Record, about Subject) (*Figure, error) {
	return drawFiveViews("FiveViewsCoderHNSW", "Condition 1 on "+label(indexCoderHNSW), settingsOf{records, 1, indexCoderHNSW}, about)
}

// settingsOf names the records of one condition on one index.
type settingsOf struct {
	records   []study.Record
	condition int
	index     string
}

func (o settingsOf) get() ([]setting, error) { return settings(o.records, o.condition, o.index) }

func drawFiveViews(name, title string, of settingsOf, about Subject) (*Figure, error) {
	all, err := of.get()
	if err != nil {
		return nil, err
	}
	legend := newBlock(heading(all[0]))
	p := &plate{
		name: name, title: title + "\n" + about.withRuns(len(all[0].runs)), width: DoubleColumn, height: 1.85 * vg.Inch,
		panels: make([][]panel, 2), legends: []*block{legend},
	}
	var measures []measure
	for i, v := range fiveViews {
		drawn := newKPanel(fmt.Sprintf("%c   %s", 'a'+i, v.title))
		lines, exact := v.draw(drawn, all)
		if i == 1 { // the first panel with exact neighbours
			addAll(legend, lines, exact)
			if len(all[0].runs) > 1 {
				legend.add("95 % interval of the mean", swatch{tint(fiveStyles[0].color)})
			}
		}
		measures = append(measures, v.measures()...)
		p.panels[i/3] = append(p.panels[i/3], drawn)
	}
	p.panels[1] = append(p.panels[1], panel{})
	p.data = measuresTable(all, measures)
	return p.figure(), nil
}

func (v view) measures() []measure {
	if v.exact.of == nil {
		return []measure{v.ann}
	}
	return []measure{v.ann, v.exact}
}

// namedThumbs is an entry of a legend.
type namedThumbs struct {
	name   string
	thumbs []plot.Thumbnailer
}

func addAll(legend *block, settings []namedThumbs, exact []plot.Thumbnailer) {
	for _, t := range settings {
		legend.add(t.name, t.thumbs...)
	}
	legend.add("exact neighbours", exact...)
}

// draw adds the bands, then the exact neighbours, which are the same for all settings, then the lines.
func (v view) draw(p panel, all []setting) (lines []namedThumbs, exact []plot.Thumbnailer) {
	for i, s := range all {
		if len(s.runs) > 1 {
			p.addBand(s.points(v.ann), styleAt(i))
		}
	}
	for i, s := range all {
		lines = append(lines, namedThumbs{s.name(), p.addLine(xy(s.points(v.ann)), styleAt(i), 10)})
	}
	for _, y := range v.reach {
		p.Y.Min, p.Y.Max = min(p.Y.Min, y), max(p.Y.Max, y)
	}
	if v.exact.of != nil {
		exact = p.addLine(xy(all[0].points(v.exact)), exactStyle, 0)
	}
	return lines, exact
}
