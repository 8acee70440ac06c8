// Package storage searches vectors that lie on a disk. Build divides the vectors into units, writes these to a file, and stores
// what chooses the units that a query reads. Search reads the units of a query until a recall that was calibrated when the index
// was built is reached.
//
// An index is a folder of three files: vectors.bin holds the units, order.bin what is kept in memory, and index.json describes
// both. Build writes them to a folder in the folder of the index and moves them when all are complete, index.json last, so that a
// folder with index.json is a complete index.
package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/progress"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/order"
)

// Names of the files of an index.
const (
	indexFile   = "index.json"
	orderFile   = "order.bin"
	vectorsFile = "vectors.bin"
)

// Options are the parameters of Build.
type Options struct {
	Base     ann.Coordinates
	Learn    ann.Coordinates // queries that train the way and calibrate the search
	Out      string          // folder of the index; it is created
	Way      string          // key of a way; "" means the first of Ways
	Memory   float64         // wanted memory in bytes for each base vector; zero means that of the way
	Clusters int             // number of clusters; zero means that Memory determines it
	Epochs   int             // of each of the three rounds of the training of a network; zero means 8
	Seed     uint64
	Ks       []int     // numbers of neighbours for which the search is calibrated; nil means DefaultKs
	Replace  bool      // whether an index in Out may be replaced
	Progress io.Writer // nil shows nothing
}

// DefaultKs are the numbers of neighbours for which a search is calibrated if the options name none.
var DefaultKs = []int{1, 10, 100}

// Build builds an index of the base in the folder Out and returns its description. Learn queries that are base vectors are left out
// and counted. After an interruption the same call resumes the training from its checkpoints.
//
// It is an error if the vectors differ in dimension, if a coordinate is not finite, if the base has fewer vectors than the way has
// clusters, or if another process builds an index in Out. Build replaces an existing index only if Replace is set, and never
// another file. An index that is to be replaced is complete until the new one is.
func Build(ctx context.Context, o Options) (*Description, error) {
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	if len(o.Ks) == 0 {
		o.Ks = slices.DeleteFunc(slices.Clone(DefaultKs), func(k int) bool { return k > o.Base.N })
	}
	way, err := WayOf(o.Way)
	if err != nil {
		return nil, err
	}
	if way.Memory == 0 && o.Memory != 0 {
		return nil, fmt.Errorf("storage: %s has no choice of memory", way.Key)
	}
	if err := o.check(); err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	s, err := openStage(o.Out, o.Replace)
	if err != nil {
		return nil, fmt.Errorf("storage: %w", err)
	}
	defer s.close()
	d, err := build(ctx, o, way, s)
	if err != nil {
		return nil, errors.Join(err, s.clean())
	}
	return d, s.publish()
}

// build builds the index in the stage.
func build(ctx context.Context, o Options, way Way, s *stage) (*Description, error) {
	learn, inBase, err := Disjoint(o.Base, o.Learn)
	if err != nil {
		return nil, fmt.Errorf("learn queries: %w", err)
	}
	train, held, err := split(learn)
	if err != nil {
		return nil, err
	}
	l, units, err := Units(ctx, way, o, train, s.folder)
	if err != nil {
		return nil, err
	}
	d := &Description{
		Version: version, Way: way.Key, Seed: o.Seed, N: o.Base.N, D: o.Base.D, Width: o.Base.Width(), Units: l.Units(), Stored: len(l.IDs),
		Learn: train.N, LearnInBase: len(inBase), Calibrated: held.N,
	}
	if d.Calibration, err = calibrate(ctx, o, way, l, units, held); err != nil {
		return nil, err
	}
	return d, s.write(ctx, o, d, l, units)
}

// check returns an error if the vectors or the numbers of neighbours are invalid.
func (o Options) check() error {
	for what, c := range map[string]ann.Coordinates{"base": o.Base, "learn queries": o.Learn} {
		if err := CheckFinite(c); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	for _, k := range o.Ks {
		if k < 1 || k > o.Base.N {
			return fmt.Errorf("calibration for k = %d: must be between 1 and %d, the number of base vectors", k, o.Base.N)
		}
	}
	return nil
}

// Units divides the base into units and returns the order of the units, trained on the queries train. Checkpoints of a training are
// stored in the folder checkpoints; "" means nowhere.
func Units(ctx context.Context, way Way, o Options, train ann.Coordinates, checkpoints string) (layout.Layout, order.Order, error) {
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	if o.Memory == 0 {
		o.Memory = way.Memory
	}
	l, units, err := way.build(ctx, &builder{Options: o, train: train, checkpoints: checkpoints})
	if err != nil {
		return l, nil, fmt.Errorf("storage: %s: %w", way.Key, err)
	}
	return l, units, l.Check(o.Base.N)
}

// builder is what the function of a way builds from.
type builder struct {
	Options
	train       ann.Coordinates // learn queries that are not held out
	checkpoints string          // folder of the checkpoints of a training
}

// bar returns a progress bar that a share sets.
func (b *builder) bar(what string) *progress.Bar { return progress.New(b.Progress, what, 100, "") }

// Bounds of the number of learn queries that are held out for the calibration.
const (
	heldShare = 5 // a fifth of the learn queries
	mostHeld  = 10_000
	leastHeld = 20
)

// split returns the first learn queries, which train, and the last ones, which are held out.
func split(learn ann.Coordinates) (train, held ann.Coordinates, err error) {
	n := min(mostHeld, learn.N/heldShare)
	if n < leastHeld {
		return train, held, fmt.Errorf("storage: %d learn queries are too few: a fifth of them calibrates the search, which takes at least %d",
			learn.N, leastHeld)
	}
	return learn.Slice(0, learn.N-n), learn.Slice(learn.N-n, learn.N), nil
}
