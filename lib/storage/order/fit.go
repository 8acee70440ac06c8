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
	Scan    int             // number of candidates; zero means an eighth of the units, at least 1,024
}

// NewSketch returns an order by the sketch. The probabilities are fitted to the queries. It is an error if the queries and their
// neighbours do not belong to the sketch.
func NewSketch(ctx context.Context, s *sketch.Sketch, options SketchOptions) (*Sketch, error) {
	if options.Scan == 0 {
		options.Scan = defaultScan(s.Units())
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
	o := &Sketch{sketch: s, scan: min(options.Scan, s.Units())}
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
	scaleQueries = 1000 // that determine the scales
	mostQueries  = 20_000
)

// fit sets the probabilities.
func (f *fitting) fit(ctx context.Context) error {
	n := min(scaleQueries, f.Queries.N)
	members, units := make([]float64, n), make([]float64, n)
	err := f.each(ctx, n, func(i int, s *sketchScratch, at place) {
		members[i], units[i] = math.NaN(), math.NaN()
		if at.vector >= 0 {
			members[i] = float64(s.estimates[at.vector] - f.squared(i))
			units[i] = float64(rank.Value(s.keys[at.unit]) - f.squared(i))
		}
	})
	if err != nil {
		return err
	}
	return f.count(ctx, scaleOf(members), scaleOf(units))
}

// count sets the probabilities. Counts are integers, so that their sums do not depend on the order in which queries are counted;
// the offsets are added in the order of the queries.
func (f *fitting) count(ctx context.Context, ofMembers, ofUnits float32) (err error) {
	queries := min(mostQueries, f.Queries.N)
	members, units := sample{scale: ofMembers}, sample{scale: ofUnits}
	offsets := make([]float64, queries)
	var mu sync.Mutex
	err = f.each(ctx, queries, func(i int, s *sketchScratch, at place) {
		member, unit := sample{scale: ofMembers}, sample{scale: ofUnits}
		member.add(s.estimates, f.squared(i), at.vector)
		distances := make([]float32, 0, f.scan)
		for _, key := range s.keys[:f.scan] {
			distances = append(distances, rank.Value(key))
		}
		unit.add(distances, f.squared(i), at.unit)
		offsets[i], member.offset, unit.offset = member.offset, 0, 0
		mu.Lock()
		defer mu.Unlock()
		members.merge(&member)
		units.merge(&unit)
	})
	if err != nil {
		return err
	}
	for _, offset := range offsets {
		members.offset += offset
	}
	if f.members, err = members.probability(); err == nil {
		f.units, err = units.probability()
	}
	return err
}

// squared returns the squared distance of the neighbour of query i.
func (f *fitting) squared(i int) float32 {
	return float32(f.Nearest[i].Distance) * float32(f.Nearest[i].Distance)
}

// place is where the nearest neighbour of a query is: its candidate and its estimate. Both are −1 if no candidate holds it.
type place struct{ unit, vector int }

// each calls do for the first n queries, on all cores, with the estimates of all candidates.
func (f *fitting) each(ctx context.Context, n int, do func(i int, s *sketchScratch, at place)) error {
	return parallel.Each(ctx, n, func() (func(int) error, error) {
		s, scratch := new(sketchScratch), make([]float32, f.Queries.D)
		return func(i int) error {
			f.start(f.Queries.Row(i, scratch), s)
			for s.scanned < f.scan {
				f.scanBlock(s)
			}
			do(i, s, f.place(f.Nearest[i].ID, s))
			return nil
		}, nil
	})
}

// place returns the place of a vector.
func (f *fitting) place(id int32, s *sketchScratch) place {
	for _, u := range f.holders.Unit(int(id)) {
		for i, key := range s.keys[:s.scanned] {
			if rank.ID(key) == u {
				return place{i, int(s.starts[i]) + slices.Index(f.Layout.Unit(int(u)), id)}
			}
		}
	}
	return place{-1, -1}
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
