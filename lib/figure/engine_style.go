package figure

import (
	"cmp"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/compare"
)

var (
	engineMarkers = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.PyramidGlyph{}, draw.BoxGlyph{}, draw.RingGlyph{}, draw.TriangleGlyph{}, draw.SquareGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{}}
	engineDashes  = [][]vg.Length{nil, {4, 1.5}, {1.5, 1.5}, {6, 1.5, 1.5, 1.5}, {2.5, 2.5}}
)

// styles returns the look of every engine, the same in every panel: the colour of its family, and dashes and markers that
// differ within it and from one family to the next.
func styles(engines []compare.Row) (map[string]style, error) {
	all := map[string]style{}
	families := map[string]int{} // in the order of their first engines
	within := map[string]int{}   // engines of each family so far
	for _, e := range engines {
		var c color.RGBA
		if _, err := fmt.Sscanf(e.Color, "#%02x%02x%02x", &c.R, &c.G, &c.B); err != nil {
			return nil, fmt.Errorf("figure: %s has the colour %q, which is not #rrggbb", e.Engine, e.Color)
		}
		c.A = 255
		if _, known := families[e.Family]; !known {
			families[e.Family] = len(families)
		}
		i := within[e.Family] + families[e.Family]
		within[e.Family]++
		all[e.Engine] = style{color: c, dashes: engineDashes[i%len(engineDashes)], marker: engineMarkers[i%len(engineMarkers)]}
	}
	return all, nil
}

// signs are two markers on a line, the i-th of n lines that may lie on top of each other, each at places of its own.
func signs(line plotter.XYs, i, n int) (at plotter.XYs) {
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
