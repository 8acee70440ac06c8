package figure

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/compare"
	"anncapacity/lib/internal/plate"
)

var (
	engineMarkers = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.PyramidGlyph{}, draw.BoxGlyph{}, draw.RingGlyph{}, draw.TriangleGlyph{}, draw.SquareGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{}}
	engineDashes  = [][]vg.Length{nil, {4, 1.5}, {1.5, 1.5}, {6, 1.5, 1.5, 1.5}, {2.5, 2.5}}
)

// styles returns the style of each engine, the same in all panels: the colour of its family, and dashes and markers that differ
// within a family and between the first engines of successive families.
func styles(engines []compare.Row) (map[string]plate.Style, error) {
	all := map[string]plate.Style{}
	families := map[string]int{} // numbered in the order of their first engines
	within := map[string]int{}   // number of engines of each family so far
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
		all[e.Engine] = plate.Style{Color: c, Dashes: engineDashes[i%len(engineDashes)], Marker: engineMarkers[i%len(engineMarkers)]}
	}
	return all, nil
}
