package command

import (
	"context"
	"flag"
	"fmt"
	"os"

	"anncapacity/lib/images"
	"anncapacity/lib/internal/interrupt"
	"anncapacity/lib/sift"
)

// siftFlags holds the flags of anncapacity sift.
type siftFlags struct {
	sift.Options
	dataset, out string
	images       int
}

func siftCommand(ctx context.Context, args []string) error {
	f, err := parseSift(args)
	if err != nil {
		return err
	}
	outputs := sift.Outputs(f.out)
	own := func() error { return sift.CheckOwn(f.out) }
	if err := (plan{reads: []input{{"dataset", f.dataset}}, writes: outputs, folders: []string{f.out}, own: own}).check(); err != nil {
		return err
	}
	if f.Dataset, err = interrupt.Wait(ctx, func() (images.Dataset, error) { return images.Open(ctx, f.dataset) }); err != nil {
		return err
	}
	printNotes(f.dataset, images.Notes(f.Dataset))
	if f.Dataset, err = first(f.Dataset, f.images); err != nil {
		return err
	}
	sets, err := sift.Make(ctx, f.Options)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(f.out, 0o755); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	if err := sets.Write(f.out, f.Options); err != nil {
		return err
	}
	_, err = fmt.Printf("%d base, %d learn and %d query vectors of %d dimensions in %s\n",
		sets.Base.Vectors.N, sets.Learn.Vectors.N, sets.Queries.Vectors.N, sift.Dimensions, f.out)
	return err
}

func parseSift(args []string) (f siftFlags, err error) {
	flags := flag.NewFlagSet("sift", flag.ContinueOnError)
	f.Progress = os.Stderr
	flags.StringVar(&f.dataset, "dataset", "", "photographs: generated, imagenette, stl10 or a `folder` (required)")
	flags.StringVar(&f.out, "out", "", "`folder` for base.bvecs, learn.bvecs, query.bvecs and sift.json (required)")
	flags.IntVar(&f.Base, "base", 100_000, "number of `vectors` to search in")
	flags.IntVar(&f.Learn, "learn", 100_000, "number of `vectors` to train on")
	flags.IntVar(&f.Queries, "queries", 10_000, "number of `vectors` to search for")
	flags.Uint64Var(&f.Seed, "seed", 1, "`seed` of the choice of photographs and descriptors")
	flags.IntVar(&f.images, "images", 0, "use the first `N` photographs only; 0 means all")
	flags.Float64Var(&f.Settings.Enlarge, "enlarge", 1.5, "`factor` by which a photograph is enlarged before descriptors are found: more pixels give more descriptors")
	flags.IntVar(&f.Warps, "warps", 0, "number of random `warps` of each photograph of the learn set, which are used beside the photograph itself")
	err = parse(flags, args, "dataset", "out")
	return f, err
}
