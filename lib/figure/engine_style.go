package figure

import (
	"cmp"
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/compare"
)

// family is the engines of one maker, by the beginning of their names.
type family struct {
	prefix string
	color  color.RGBA
}

// families have colours that every kind of colour vision tells from one another (Okabe & Ito, and the last two of Tol's muted ones).
var families = []family{
	{"anncapacity", color.RGBA{0, 0, 0, 255}},
	{"FAISS", color.RGBA{0x00, 0x72, 0xb2, 255}},
	{"hnswlib", color.RGBA{0xd5, 0x5e, 0x00, 255}},
	{"coder/hnsw", color.RGBA{0xcc, 0x79, 0xa7, 255}},
	{"gonum", color.RGBA{0x00, 0x9e, 0x73, 255}},
	{"k-d tree", color.RGBA{0x00, 0x9e, 0x73, 255}},
	{"PyNNDescent", color.RGBA{0xe6, 0x9f, 0x00, 255}},
	{"pgvector", color.RGBA{0x56, 0xb4, 0xe9, 255}},
	{"DuckDB", color.RGBA{0x99, 0x99, 0x33, 255}},
	{"Milvus", color.RGBA{0x88, 0x22, 0x55, 255}},
}

var (
	engineMarkers = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.PyramidGlyph{}, draw.BoxGlyph{}, draw.RingGlyph{}, draw.TriangleGlyph{}, draw.SquareGlyph{}, draw.CrossGlyph{}, draw.PlusGlyph{}}
	engineDashes  = [][]vg.Length{nil, {4, 1.5}, {1.5, 1.5}, {6, 1.5, 1.5, 1.5}, {2.5, 2.5}}
)

// styles gives every engine its own, the same in every panel: the colour of its family, and dashes and markers that differ within it
// and from one family to the next.
func styles(names []string) map[string]style {
	all := map[string]style{}
	within := map[color.RGBA]int{}
	for _, name := range names {
		if _, known := all[name]; known {
			continue
		}
		c, at := color.RGBA{0x70, 0x70, 0x70, 255}, len(families)
		if i := slices.IndexFunc(families, func(f family) bool { return strings.HasPrefix(name, f.prefix) }); i >= 0 {
			c, at = families[i].color, i
		}
		i := within[c]
		within[c]++
		all[name] = style{color: c, dashes: engineDashes[(i+at)%len(engineDashes)], marker: engineMarkers[(i+at)%len(engineMarkers)]}
	}
	return all
}

func engineNames(r *compare.Result) (names []string) {
	for _, e := range r.Engines {
		names = append(names, e.Engine)
	}
	return names
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
