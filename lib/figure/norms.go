package figure

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/plate"
)

// NormsFile is the name of the file of embeddings in a folder of records.
const NormsFile = "embeddings.npy"

// norms is the entry of Norms, which is drawn from the embeddings and is not in the Catalogue.
var norms = Entry{Name: "Norms", From: NormsFile, Shows: "Euclidean norms of the embeddings."}

// normBins is the number of bins of equal width in the histogram of norms.
const normBins = 40

// Norms draws a histogram of the Euclidean norms of the embeddings, with their minimum, mean and maximum in its title.
func Norms(v ann.Vectors, about Subject) (*Figure, error) {
	if v.N < 1 {
		return nil, errors.New("figure: no embeddings")
	}
	norms := make([]float64, v.N)
	for i := range norms {
		norms[i] = norm(v.Row(i))
	}
	slices.Sort(norms)
	low, high := norms[0], norms[v.N-1]
	p := plate.NewLabelledPanel("norm of the embedding", "images")
	bins := histogram(norms)
	p.Add(&plotter.Histogram{
		Bins: bins, Width: bins[0].Max - bins[0].Min, FillColor: plate.Shade(1).Color,
		LineStyle: draw.LineStyle{Color: plate.White, Width: 0.3},
	})
	return newFigure("Norms", &plate.Plate{
		Title: fmt.Sprintf("Norms: minimum %.2f, mean %.2f, maximum %.2f\n%s", low, stat.Mean(norms, nil), high, about.source()),
		Width: plate.SingleColumn, Height: 2*vg.Inch - 2, Panels: []plate.Panel{p},
	}, histogramTable(bins)), nil
}

// histogram returns normBins bins from the smallest to the largest of the sorted values, with the number of values in each.
func histogram(sorted []float64) []plotter.HistogramBin {
	low, high := sorted[0], sorted[len(sorted)-1]
	if high == low {
		high = low + 1 // equal values need bins of positive width
	}
	edges := floats.Span(make([]float64, normBins+1), low, high)
	edges[normBins] = math.Nextafter(high, math.Inf(1)) // the largest value belongs to the last bin
	bins := make([]plotter.HistogramBin, normBins)
	for i, count := range stat.Histogram(nil, edges, sorted, nil) {
		bins[i] = plotter.HistogramBin{Min: edges[i], Max: edges[i+1], Weight: count}
	}
	return bins
}

func histogramTable(bins []plotter.HistogramBin) [][]string {
	rows := [][]string{{"norm_from", "norm_below", "images"}}
	for _, b := range bins {
		rows = append(rows, []string{
			strconv.FormatFloat(b.Min, 'g', -1, 64), strconv.FormatFloat(b.Max, 'g', -1, 64), strconv.Itoa(int(b.Weight)),
		})
	}
	return rows
}

// norm returns the Euclidean norm of x, computed in double precision.
func norm(x []float32) float64 {
	sum := 0.0
	for _, xi := range x {
		sum += float64(xi) * float64(xi)
	}
	return math.Sqrt(sum)
}
