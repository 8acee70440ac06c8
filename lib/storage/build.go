// Package storage searches vectors that lie on a disk. Build divides the vectors into units, writes these to a file, and stores what
// chooses the units that a query reads. Search reads the units of a query until a recall that was calibrated when the index was
// built is reached.
//
// An index is a folder of three files: vectors.bin holds the units, order.bin what is kept in memory, and index.json describes both.
// index.json is written last, so that a folder with it is a complete index.
package storage

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"anncapacity/lib/ann"
	"anncapacity/lib/internal/atomicfile"
	"anncapacity/lib/internal/progress"
	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/order"
	"anncapacity/lib/storage/postings"
)

// Names of the files of an index.
const (
	indexFile   = "index.json"
	orderFile   = "order.bin"
	vectorsFile = "vectors.bin"
	partsFolder = "parts" // of an index that is being built: checkpoints
)

// Options are the parameters of Build.
type Options struct {
	Base     ann.Coordinates
	Learn    ann.Coordinates // queries that train the way and calibrate the search
	Out      string          // folder of the index; it is created
	Way      string          // key of a way; "" means the first of Ways
	Memory   float64         // wanted memory in bytes for each base vector; zero means that of the way
	Clusters int             // number of clusters; zero means that Memory determines it
	Epochs   int             // of the training of a network; zero means 24
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
// It is an error if the vectors differ in dimension, if a coordinate is not finite, or if the base has fewer vectors than the way has
// clusters. Build replaces an existing index only if Replace is set, and never another file.
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
	if err := prepare(o.Out, o.Replace); err != nil {
		return nil, err
	}
	learn, inBase, err := Disjoint(o.Base, o.Learn)
	if err != nil {
		return nil, fmt.Errorf("learn queries: %w", err)
	}
	train, held, err := split(learn)
	if err != nil {
		return nil, err
	}
	l, units, err := Units(ctx, way, o, train, filepath.Join(o.Out, partsFolder))
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
	return d, write(ctx, o, d, l, units)
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

// prepare creates the folder, and checks that it holds nothing but an index, which is removed if it may be replaced.
func prepare(out string, replace bool) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	_, err := os.Stat(filepath.Join(out, indexFile))
	switch {
	case err == nil && !replace:
		return fmt.Errorf("storage: %s is an index already; set -replace to build it again, or choose another folder", out)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return err
	case errors.Is(err, os.ErrNotExist):
		entries, err := os.ReadDir(out)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if name := e.Name(); name != orderFile && name != vectorsFile && name != partsFolder && filepath.Ext(name) != ".tmp" {
				return fmt.Errorf("storage: %s holds %s, which is not of an index; choose another folder", out, name)
			}
		}
		return nil
	}
	if _, err := readDescription(out); err != nil {
		return fmt.Errorf("%w; it is not replaced", err)
	}
	return nil
}

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
		return train, held, fmt.Errorf("storage: %d learn queries are too few: a fifth of them calibrates the search, which takes at least %d", learn.N, leastHeld)
	}
	return learn.Slice(0, learn.N-n), learn.Slice(learn.N-n, learn.N), nil
}

// write writes the files of the index, and index.json last.
func write(ctx context.Context, o Options, d *Description, l layout.Layout, units order.Order) error {
	content, err := units.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(o.Out, indexFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	bar := progress.New(o.Progress, "writing the vectors", 100, "")
	defer bar.Stop()
	path := filepath.Join(o.Out, vectorsFile)
	if err := postings.Create(ctx, path, o.Base, l, postings.CreateOptions{Replace: true, Progress: bar.SetShare}); err != nil {
		return err
	}
	err = atomicfile.Write(filepath.Join(o.Out, orderFile), func(w io.Writer) error { _, err := w.Write(content); return err })
	if err != nil {
		return err
	}
	file, err := postings.Open(path, postings.Options{})
	if err != nil {
		return err
	}
	defer file.Close()
	d.seal(content, file, units)
	if err := d.write(o.Out); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(o.Out, partsFolder))
}
