package order

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/parallel"
	"anncapacity/lib/internal/rank"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/sketch"
)

// SketchOptions are the parameters of NewSketch.
type SketchOptions struct {
	Layout  layout.Layout   // of which the sketch is
	Queries ann.Coordinates // that are not in the base, such as learn queries
	Nearest []ann.Neighbor  // the nearest neighbour of each query, with its L2 distance
	Scan    int             // units whose vectors are estimated for a query, at most; zero means DefaultScan
}

// NewSketch returns an order by the sketch. The probabilities are fitted to the queries. It is an error if the queries and their
// neighbours do not belong to the sketch.
func NewSketch(ctx context.Context, s *sketch.Sketch, options SketchOptions) (*Sketch, error) {
	if options.Scan == 0 {
		options.Scan = DefaultScan
	}
	if options.Scan < 1 {
		return nil, fmt.Errorf("order: %d units to scan", options.Scan)
	}
	if options.Layout.Units() != s.Units() || options.Queries.D != s.Dimension() {
		return nil, fmt.Errorf("order: a sketch of %d units and dimension %d, a layout of %d, and queries of dimension %d",
			s.Units(), s.Dimension(), options.Layout.Units(), options.Queries.D)
	}
	if len(options.Nearest) != options.Queries.N || options.Queries.N == 0 {
		return nil, fmt.Errorf("order: %d queries and the neighbours of %d", options.Queries.N, len(options.Nearest))
	}
	o := &Sketch{sketch: s, scan: min(options.Scan, s.Units()), reach: float32(math.Inf(1))}
	f := fitting{Sketch: o, SketchOptions: options}
	if err := f.locate(); err != nil {
		return nil, err
	}
	return o, f.fit(ctx)
}

// fitting fits the probabilities of an order.
type fitting struct {
	*Sketch
	SketchOptions
	holders layout.Layout // of every vector
}

// locate finds the units of the neighbours.
func (f *fitting) locate() error {
	n := 0
	for _, id := range f.Layout.IDs {
		n = max(n, int(id)+1)
	}
	f.holders = f.Layout.Holders(n)
	for i, x := range f.Nearest {
		if x.ID < 0 || int(x.ID) >= n || math.IsNaN(float64(x.Distance)) {
			return fmt.Errorf("order: the neighbour of query %d is vector %d of %d at %v", i, x.ID, n, x.Distance)
		}
	}
	return nil
}

// Parameters of the fit.
const (
	scaleQueries = 1000 // that determine the scale and the reach
	mostQueries  = 20_000
	reached      = 0.999 // share of the neighbours that the scan reaches
)

// fit sets the reach and the probabilities.
func (f *fitting) fit(ctx context.Context) error {
	n := min(scaleQueries, f.Queries.N)
	differences, reaches := make([]float64, n), make([]float64, n)
	err := f.each(ctx, n, func(i int, s *sketchScratch, least float32, place int) {
		differences[i] = math.NaN()
		if place >= 0 {
			differences[i] = float64(s.estimates[place] - f.squared(i))
			unit, _ := slices.BinarySearch(s.starts, int32(place)+1)
			reaches[i] = float64(max(0, rank.Value(s.keys[unit-1])-least))
		}
	})
	if err != nil {
		return err
	}
	slices.Sort(reaches)
	f.reach = float32(reaches[min(n-1, int(reached*float64(n)))])
	f.probability, err = f.count(ctx, scaleOf(differences))
	return err
}

// count returns the probabilities. Counts are integers, so that their sums do not depend on the order in which queries are counted;
// the offsets are added in the order of the queries.
func (f *fitting) count(ctx context.Context, scale float32) (Probability, error) {
	queries := min(mostQueries, f.Queries.N)
	total, offsets := sample{scale: scale}, make([]float64, queries)
	var mu sync.Mutex
	err := f.each(ctx, queries, func(i int, s *sketchScratch, _ float32, place int) {
		one := sample{scale: scale}
		one.add(s.estimates, f.squared(i), place)
		offsets[i], one.offset = one.offset, 0
		mu.Lock()
		defer mu.Unlock()
		total.merge(&one)
	})
	if err != nil {
		return Probability{}, err
	}
	for _, offset := range offsets {
		total.offset += offset
	}
	return total.probability()
}

// squared returns the squared distance of the neighbour of query i.
func (f *fitting) squared(i int) float32 {
	return float32(f.Nearest[i].Distance) * float32(f.Nearest[i].Distance)
}

// each calls do for the first n queries, on all cores, with their estimates, the least of these, and the place of the nearest
// neighbour in them, −1 if it is not there.
func (f *fitting) each(ctx context.Context, n int, do func(i int, s *sketchScratch, least float32, place int)) error {
	return parallel.Each(ctx, n, func() (func(int) error, error) {
		s, scratch := new(sketchScratch), make([]float32, f.Queries.D)
		return func(i int) error {
			least := f.estimate(f.Queries.Row(i, scratch), s)
			do(i, s, least, f.place(f.Nearest[i].ID, s))
			return nil
		}, nil
	})
}

// place returns the place of the estimate of a vector.
func (f *fitting) place(id int32, s *sketchScratch) int {
	for _, u := range f.holders.Unit(int(id)) {
		for i, key := range s.keys[:s.scanned] {
			if rank.ID(key) == u {
				return int(s.starts[i]) + slices.Index(f.Layout.Unit(int(u)), id)
			}
		}
	}
	return -1
}

// scaleOf returns twice the root of the mean square of the numbers that are not NaN, or 1 if that is 0.
func scaleOf(differences []float64) float32 {
	sum, n := 0., 0
	for _, d := range differences {
		if !math.IsNaN(d) {
			sum += d * d
			n++
		}
	}
	if scale := float32(2 * math.Sqrt(sum/float64(max(1, n)))); scale > 0 {
		return scale
	}
	return 1
}
