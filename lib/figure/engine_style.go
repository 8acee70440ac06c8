package figure

import (
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/internal/plate"
)

// family is the engines of one maker, by the beginning of their names.
type family struct {
	prefix string
	color  color.RGBA
}

// families have the colours of the palette.
var families = []family{
	{"anncapacity", plate.Black},
	{"FAISS", plate.Blue},
	{"hnswlib", plate.Vermilion},
	{"coder/hnsw", plate.Purple},
	{"gonum", plate.Green},
	{"k-d tree", plate.Green},
	{"PyNNDescent", plate.Orange},
	{"pgvector", plate.SkyBlue},
	{"DuckDB", plate.Olive},
	{"Milvus", plate.Wine},
}

var (
	engineMarkers = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.PyramidGlyph{}, draw.BoxGlyph{}, draw.RingGlyph{}, draw.TriangleGlyph{}, draw.SquareGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{}}
	engineDashes  = [][]vg.Length{nil, {4, 1.5}, {1.5, 1.5}, {6, 1.5, 1.5, 1.5}, {2.5, 2.5}}
)

// styles gives every engine its own, the same in every panel: the colour of its family, and dashes and markers that differ within it
// and from one family to the next.
func styles(names []string) map[string]plate.Style {
	all := map[string]plate.Style{}
	within := map[color.RGBA]int{}
	for _, name := range names {
		if _, known := all[name]; known {
			continue
		}
		c, at := plate.Grey, len(families)
		if i := slices.IndexFunc(families, func(f family) bool { return strings.HasPrefix(name, f.prefix) }); i >= 0 {
			c, at = families[i].color, i
		}
		i := within[c]
		within[c]++
		all[name] = plate.Style{Color: c, Dashes: engineDashes[(i+at)%len(engineDashes)], Marker: engineMarkers[(i+at)%len(engineMarkers)]}
	}
	return all
}
