package figure

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/capacity"
	"anncapacity/lib/internal/plate"
)

var overlapSurface = Entry{
	Name:        "OverlapSurface",
	From:        "surface.csv",
	Shows:       "Overlap at every (k, efSearch) of run 0, with contours. A single walk per query gives all values.",
	Draw:        func(r *Results, about Subject) (*Figure, error) { return OverlapSurface(r.Capacity.Surface, about) },
	unavailable: withoutTables,
	findings:    func(r *Results) ([]string, error) { return surfaceFindings(r.Capacity.Surface) },
}

// surfaceLevels lists the overlaps of the contours.
var surfaceLevels = []float64{.5, .8, .9, .95, .99}

// OverlapSurface draws the overlap of run 0 over k and efSearch, from dark (0) to light (1), with contours, whose levels are
// written at the right edge, and the lines efSearch = k and efSearch = 2k.
func OverlapSurface(rows []capacity.SurfaceRow, about Subject) (*Figure, error) {
	s, err := newSurface(rows)
	if err != nil {
		return nil, err
	}
	p := plate.NewPanel("efSearch (logarithmic)", kLabel)
	p.X.Tick.Marker, p.Y.Tick.Marker = plate.EveryMultiple(100), plate.Decades125
	p.Add(&plotter.HeatMap{GridXYZ: s.fine(240, 160), Palette: plate.Viridis(256), Min: 0, Max: 1, Rasterized: true})
	p.Add(&plotter.Contour{GridXYZ: s, Levels: surfaceLevels, LineStyles: []draw.LineStyle{{Color: plate.Black, Width: 0.8}}, Min: 0, Max: 1})
	legend := plate.NewLegend("HNSW (this project), run 0\ncolour: overlap, from 0 (dark) to 1 (light)")
	legend.Add("overlap as written at the right edge", &plotter.Line{LineStyle: draw.LineStyle{Color: plate.Black, Width: 0.8}})
	for _, line := range []struct {
		name   string
		factor float64
		dashes []vg.Length
	}{{"efSearch = k", 1, []vg.Length{5, 2.5}}, {"efSearch = 2k", 2, []vg.Length{1.5, 1.5}}} {
		legend.Add(line.name, p.Line(s.ray(line.factor), plate.Style{Color: plate.Black, Dashes: line.dashes, Width: 1.2}, nil)...)
	}
	p.Add(s.labels())
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = s.x[0], s.x[len(s.x)-1], s.y[0], s.y[len(s.y)-1]
	return newFigure("OverlapSurface", &plate.Plate{
		Title: "Overlap over k and efSearch\n" + about.withRuns(1), Width: plate.SingleColumn, Height: 2.8 * vg.Inch,
		Panels: []plate.Panel{p}, Legends: []*plate.Legend{legend},
	}, surfaceTable(rows)), nil
}

// surface holds overlaps on a grid of k and the common logarithm of efSearch. It implements plotter.GridXYZ.
type surface struct {
	x, y []float64
	z    [][]float64 // by y, then x
}

func newSurface(rows []capacity.SurfaceRow) (*surface, error) {
	s := &surface{}
	for _, group := range groupBy(rows, func(r capacity.SurfaceRow) int { return r.EfSearch }) {
		slices.SortFunc(group, func(a, b capacity.SurfaceRow) int { return cmp.Compare(a.K, b.K) })
		var x, z []float64
		for _, r := range group {
			x, z = append(x, float64(r.K)), append(z, r.Overlap)
		}
		if s.x == nil {
			s.x = x
		}
		y := math.Log10(float64(group[0].EfSearch))
		if !slices.Equal(x, s.x) || len(s.y) > 0 && y <= s.y[len(s.y)-1] {
			return nil, fmt.Errorf("figure: the surface at efSearch %d does not have the k of the others, or is not in its order", group[0].EfSearch)
		}
		s.y, s.z = append(s.y, y), append(s.z, z)
	}
	if len(s.x) < 2 || len(s.y) < 2 {
		return nil, errors.New("figure: a surface needs two k and two efSearch at least")
	}
	return s, nil
}

func (s *surface) Dims() (columns, rows int) { return len(s.x), len(s.y) }
func (s *surface) X(column int) float64      { return s.x[column] }
func (s *surface) Y(row int) float64         { return s.y[row] }
func (s *surface) Z(column, row int) float64 { return s.z[row][column] }

// at returns the overlap at (x, y), by bilinear interpolation.
func (s *surface) at(x, y float64) float64 {
	i, u := place(s.x, x)
	j, v := place(s.y, y)
	below := (1-u)*s.z[j][i] + u*s.z[j][i+1]
	above := (1-u)*s.z[j+1][i] + u*s.z[j+1][i+1]
	return (1-v)*below + v*above
}

// place returns the index of the interval of ascending values that holds v, and the relative position of v in it, 0…1.
func place(values []float64, v float64) (i int, along float64) {
	i, _ = slices.BinarySearch(values, v)
	i = min(max(i-1, 0), len(values)-2)
	return i, (v - values[i]) / (values[i+1] - values[i])
}

// fine returns the surface interpolated on an evenly spaced grid, for a raster image.
func (s *surface) fine(columns, rows int) *surface {
	f := &surface{x: even(s.x, columns), y: even(s.y, rows)}
	for _, y := range f.y {
		z := make([]float64, columns)
		for i, x := range f.x {
			z[i] = s.at(x, y)
		}
		f.z = append(f.z, z)
	}
	return f
}

// even returns n evenly spaced values from the first to the last of values.
func even(values []float64, n int) []float64 {
	first, last := values[0], values[len(values)-1]
	out := make([]float64, n)
	for i := range out {
		out[i] = first + (last-first)*float64(i)/float64(n-1)
	}
	return out
}

// ray returns the line efSearch = factor · k within the surface.
func (s *surface) ray(factor float64) (line plotter.XYs) {
	for x := s.x[0]; x <= s.x[len(s.x)-1]; x++ {
		if y := math.Log10(factor * x); y >= s.y[0] && y <= s.y[len(s.y)-1] {
			line = append(line, plotter.XY{X: x, Y: y})
		}
	}
	return line
}

// labels returns the levels of the contours at their intersections with the right edge.
func (s *surface) labels() (labels plate.EdgeLabels) {
	for _, level := range surfaceLevels {
		if y, ok := s.crossing(level); ok {
			labels = append(labels, plate.EdgeLabel{Y: y, Words: fmt.Sprintf("%.3g", level)})
		}
	}
	return labels
}

// crossing returns the y at which the overlap of the largest k reaches a level; ok is false if it does not.
func (s *surface) crossing(level float64) (y float64, ok bool) {
	last := len(s.x) - 1
	for j := 1; j < len(s.y); j++ {
		if low, high := s.z[j-1][last], s.z[j][last]; low < level && level <= high {
			return s.y[j-1] + (s.y[j]-s.y[j-1])*(level-low)/(high-low), true
		}
	}
	return 0, false
}

func surfaceTable(rows []capacity.SurfaceRow) [][]string {
	table := [][]string{row("k", "ef_search", "overlap")}
	for _, r := range rows {
		table = append(table, row(r.K, r.EfSearch, r.Overlap))
	}
	return table
}

func surfaceFindings(rows []capacity.SurfaceRow) ([]string, error) {
	s, err := newSurface(rows)
	if err != nil {
		return nil, err
	}
	reached := filter(surfaceLevels, func(level float64) bool { _, ok := s.crossing(level); return ok })
	if len(reached) == 0 {
		return nil, nil
	}
	return []string{fmt.Sprintf("At k = %.0f the required efSearch is %s.", s.x[len(s.x)-1], inTurn(reached, "overlap", func(level float64) (string, any) {
		y, _ := s.crossing(level)
		return fmt.Sprintf("%.0f", math.Ceil(math.Pow(10, y)-1e-9)), level
	}))}, nil
}
