package plate

import (
	"cmp"
	"slices"

	"gonum.org/v1/plot/plotter"
)

// Every returns every n-th point of line, beginning with the n-th. A value of n below 1 means 1.
func Every(n int, line plotter.XYs) (some plotter.XYs) {
	n = max(n, 1)
	for i := n - 1; i < len(line); i += n {
		some = append(some, line[i])
	}
	return some
}

// Spread returns two points on the i-th of n lines, by linear interpolation. Their positions depend on i, so that the markers
// of coinciding lines do not cover each other.
func Spread(line plotter.XYs, i, n int) (at plotter.XYs) {
	if len(line) < 2 {
		return line
	}
	low, high := line[0].X, line[len(line)-1].X
	for half := range 2 {
		x := low + (high-low)*(float64(half)+(float64(i)+.5)/float64(n))/2
		j, _ := slices.BinarySearchFunc(line, x, func(p plotter.XY, x float64) int { return cmp.Compare(p.X, x) })
		j = min(max(j, 1), len(line)-1)
		a, b := line[j-1], line[j]
		at = append(at, plotter.XY{X: x, Y: a.Y + (b.Y-a.Y)*(x-a.X)/(b.X-a.X)})
	}
	return at
}
