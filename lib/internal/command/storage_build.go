package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/interrupt"
	"anncapacity/lib/storage"
)

// Help texts of flags of several commands below storage.
const (
	coordinatesHelp = vectorsHelp + "uint8 stays uint8, other numbers are converted to float32 (required)"
	learnHelp       = "`FILE` of queries that train the way and calibrate the search, in a format of -embeddings (required)"
)

// openCoordinates reads a file of vectors, keeps uint8 and prints notes on converted numbers.
func openCoordinates(ctx context.Context, path string) (ann.Coordinates, error) {
	return interrupt.Wait(ctx, func() (ann.Coordinates, error) { return embedding.OpenCoordinates(path, os.Stderr) })
}

func storageBuildCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("storage build", flag.ContinueOnError)
	o := storage.Options{Progress: os.Stderr}
	base := flags.String("embeddings", "", coordinatesHelp)
	learn := flags.String("learn", "", learnHelp)
	flags.StringVar(&o.Out, "out", "", "`folder` of the index (required)")
	flags.StringVar(&o.Way, "way", storage.Ways[0].Key, wayHelp())
	flags.Float64Var(&o.Memory, "memory", 0, "`bytes` of memory for each vector; 0 means the default of the way")
	flags.IntVar(&o.Clusters, "clusters", 0, "number of `clusters`; 0 means as many as the memory allows")
	flags.IntVar(&o.Epochs, "epochs", 0, "number of `epochs` of each of three rounds of the training of a network; 0 means 8")
	flags.Uint64Var(&o.Seed, "seed", 1, "`seed` of all random numbers")
	flags.Var((*numbers)(&o.Ks), "ks", "`numbers` of neighbours for which the search is calibrated (default 1,10,100)")
	flags.BoolVar(&o.Replace, "replace", false, "replace an index in the folder")
	if err := parse(flags, args, "embeddings", "learn", "out"); err != nil {
		return err
	}
	if err := atLeast(1, "ks", o.Ks...); err != nil {
		return err
	}
	if !(o.Memory >= 0 && o.Memory <= 1<<20) {
		return fmt.Errorf("-memory %v: must be a number of bytes from 0 to 1048576", o.Memory)
	}
	if err := errors.Join(atLeast(0, "clusters", o.Clusters), atLeast(0, "epochs", o.Epochs)); err != nil {
		return err
	}
	p := plan{reads: []input{{"embeddings", *base}, {"learn", *learn}}, folders: []string{o.Out}, own: func() error { return nil }}
	if err := p.check(); err != nil {
		return err
	}
	var err error
	if o.Base, err = openCoordinates(ctx, *base); err != nil {
		return err
	}
	if o.Learn, err = openCoordinates(ctx, *learn); err != nil {
		return err
	}
	d, err := storage.Build(ctx, o)
	if err != nil {
		return err
	}
	fmt.Print(d.Summary())
	return nil
}

// wayHelp returns the help text of -way.
func wayHelp() string {
	var b strings.Builder
	b.WriteString("`way` to lay out the vectors and to choose what is read:")
	for _, w := range storage.Ways {
		fmt.Fprintf(&b, "\n%s: %s", w.Key, w.About)
		if w.Memory > 0 {
			fmt.Fprintf(&b, " Default memory: %v bytes a vector.", w.Memory)
		}
	}
	return b.String()
}
