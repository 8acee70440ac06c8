package figure

import "anncapacity/lib/study"

// OverlapFixedEffort draws the neighbourhood overlap against k, one line for each efSearch and index, from the records
// of condition 1: means over runs, with the 95 % interval of the mean as a band. It is an error if there are no such
// records, or if a setting lacks a run at some k.
func OverlapFixedEffort(records []study.Record, about Subject) (*Figure, error) {
	curves, err := overlapCurves(records)
	if err != nil {
		return nil, err
	}
	c := newOverlapChart("Overlap at fixed efSearch", about, curves)
	c.plot.X.Label.Text = "neighbours asked, k"
	c.plot.X.Min = 0
	c.plot.X.Tick.Marker = everyMultiple(100)
	c.draw(curves, func(_ curve, p point) float64 { return float64(p.k) }, everyTenth)
	return c.figure("OverlapFixedEffort", curves), nil
}
