package figure

import (
	"gonum.org/v1/plot/plotter"

	"anncapacity/lib/internal/plate"
)

// newKPanel returns a panel with k on its horizontal axis.
func newKPanel(title string) plate.Panel {
	p := plate.NewPanel(title, kLabel)
	p.X.Min, p.X.Tick.Marker = 0, plate.EveryMultiple(100)
	return p
}

const kLabel = "neighbours asked, k"

// addBand draws the band of the intervals of a setting, if there is more than one run.
func addBand(p plate.Panel, s setting, points []point, x func(k int) float64, style plate.Style) {
	if len(s.runs) == 1 {
		return
	}
	var low, high plotter.XYs
	for _, at := range points {
		low = append(low, plotter.XY{X: x(at.k), Y: at.low})
		high = append(high, plotter.XY{X: x(at.k), Y: at.high})
	}
	p.Band(low, high, style)
}

// means returns the line of the means of points.
func means(points []point, x func(k int) float64) (line plotter.XYs) {
	for _, p := range points {
		line = append(line, plotter.XY{X: x(p.k), Y: p.mean})
	}
	return line
}

// atK returns the position of k on a linear axis.
func atK(k int) float64 { return float64(k) }
