package figure

import (
	"math"

	"gonum.org/v1/plot"

	"anncapacity/lib/study"
)

// OverlapCollapse draws the neighbourhood overlap against k/efSearch on a logarithmic axis, from the records of
// condition 1. Where overlap depends on that ratio alone, all efSearch of an index fall onto one line.
func OverlapCollapse(records []study.Record, about Subject) (*Figure, error) {
	curves, err := overlapCurves(records)
	if err != nil {
		return nil, err
	}
	c := newOverlapChart("Overlap against k / efSearch", about, curves)
	c.plot.X.Label.Text = "neighbours asked over effort, k / efSearch"
	c.plot.X.Tick.Marker = plot.TickerFunc(decades125)
	c.draw(curves, func(c curve, p point) float64 { return math.Log10(float64(p.k) / float64(c.efSearch)) }, series125)
	return c.figure("OverlapCollapse", curves), nil
}
