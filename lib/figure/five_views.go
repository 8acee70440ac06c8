package figure

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/internal/plate"
	"anncapacity/lib/study"
)

// view is one panel: a measure of the approximate neighbours and, where there is one, of the exact neighbours.
type view struct {
	ann, exact quantity
	reach      []float64 // values that the axis always includes: those of an exact answer
}

// fiveViews lists the paper's views, in the corrected definitions.
var fiveViews = []view{
	{ann: overlap, reach: []float64{1}},
	{ann: distanceANN, exact: distanceExact},
	{ann: distanceError, reach: []float64{0}},
	{ann: barycenterShift, reach: []float64{0}},
	{ann: lidANN, exact: lidExact},
}

// fiveViewsOf is a figure of the five views of one condition on one index, against k: overlap, mean distance of the neighbours
// found, its excess over the exact distance, barycentre shift in root-mean-square radii, and LID (maximum likelihood at k). It
// has one line for each setting, with the 95 % interval of the mean as a band.
type fiveViewsOf struct {
	name, title string
	condition   int
	index       string
}

func (f fiveViewsOf) draw(records []study.Record, about Subject) (*Figure, error) {
	all, err := settings(records, f.condition, f.index)
	if err != nil {
		return nil, err
	}
	legend := plate.NewLegend(all[0].heading())
	var panels []plate.Panel
	var measures []quantity
	for i, v := range fiveViews {
		p := newKPanel(plate.Letter(i, v.ann.title()))
		lines, exact := v.draw(p, all)
		if i == 1 { // the first panel with exact neighbours
			addAll(legend, lines)
			legend.Add("exact neighbours", exact...)
			if len(all[0].runs) > 1 {
				legend.Add("95 % interval of the mean", plate.Swatch{Color: plate.Shade(0).Tint()})
			}
		}
		panels, measures = append(panels, p), append(measures, v.measures()...)
	}
	return newFigure(f.name, &plate.Plate{
		Title: f.title + "\n" + about.withRuns(len(all[0].runs)), Width: plate.DoubleColumn, Height: 1.85 * vg.Inch,
		Panels: panels, Legends: []*plate.Legend{legend},
	}, measuresTable(all, measures)), nil
}

func (v view) measures() []quantity {
	if v.exact.of == nil {
		return []quantity{v.ann}
	}
	return []quantity{v.ann, v.exact}
}

// legendEntry is one line of a legend.
type legendEntry struct {
	name   string
	thumbs []plot.Thumbnailer
}

func addAll(legend *plate.Legend, entries []legendEntry) {
	for _, e := range entries {
		legend.Add(e.name, e.thumbs...)
	}
}

// draw adds the bands, then the lines, then the line of the exact neighbours, which is the same for all settings.
func (v view) draw(p plate.Panel, all []setting) (lines []legendEntry, exact []plot.Thumbnailer) {
	for i, s := range all {
		addBand(p, s, s.points(v.ann), atK, plate.Shade(i))
	}
	for i, s := range all {
		line := means(s.points(v.ann), atK)
		lines = append(lines, legendEntry{s.name(), p.Line(line, plate.Shade(i), plate.Every(10, line))})
	}
	p.Include(v.reach...)
	if v.exact.of != nil {
		exact = p.Line(means(all[0].points(v.exact), atK), plate.Reference, nil)
	}
	return lines, exact
}

// measuresTable returns the table of a figure of measures: one row for each measure, setting and k.
func measuresTable(all []setting, measures []quantity) [][]string {
	rows := [][]string{row("measure", "index", "parameter", "value", "runs", "queries", "k", "mean", "low_95", "high_95")}
	for _, m := range measures {
		for _, s := range all {
			for _, p := range s.points(m) {
				low, high := s.interval(p)
				rows = append(rows, row(m.column, s.index, s.parameter, digits(s.value), len(s.runs), s.queries, p.k, digits(p.mean), low, high))
			}
		}
	}
	return rows
}

// FiveViewsFindings returns three sentences with the values of the views other than overlap, for a condition on the project's
// index at the largest k.
func FiveViewsFindings(records []study.Record, condition int) ([]string, error) {
	all, err := settings(records, condition, study.IndexHNSW)
	if err != nil {
		return nil, err
	}
	return viewsFindings(all), nil
}

// viewsFindings returns the sentences of FiveViewsFindings.
func viewsFindings(all []setting) []string {
	ks := all[0].ks()
	k := ks[len(ks)-1]
	return []string{
		fmt.Sprintf("At k = %d the mean distance of the neighbours found exceeds that of as many exact neighbours by %s.", k, each(all, distanceError, k, "%.2f %%")),
		fmt.Sprintf("The shift of their barycentre from the exact one is %s of the neighbourhood's radius.", each(all, percent(barycenterShift), k, "%.1f %%")),
		fmt.Sprintf("The intrinsic dimension estimated from them is %s of that estimated from the exact neighbours, without empty slots.", each(all, lidRatio, k, "%.0f %%")),
	}
}

// findings returns sentences with the values of the views other than overlap, and one about the bands.
func (f fiveViewsOf) findings(r *Results) ([]string, error) {
	all, err := settings(r.Records, f.condition, f.index)
	if err != nil {
		return nil, err
	}
	return append(viewsFindings(all), bands(all)...), nil
}
