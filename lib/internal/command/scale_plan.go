package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/scale"
)

// isPath reports whether a location is a path of the file system, not a URL.
func isPath(location string) bool { return !strings.Contains(location, "://") }

// absolute returns a location that means the same in every folder.
func absolute(location string) (string, error) {
	if !isPath(location) {
		return location, nil
	}
	return filepath.Abs(location)
}

// exactFlags holds the flags that define exact neighbours.
type exactFlags struct {
	scale.ExactOptions
	memory float64
}

func addScaleExact(flags *flag.FlagSet) *exactFlags {
	f := &exactFlags{}
	flags.StringVar(&f.Embeddings, "embeddings", "", "folder, file, pattern or `URL` of vectors: shards .npy, .fbin, .u8bin, .i8bin or .parquet (required)")
	flags.StringVar(&f.Queries, "queries", scale.DefaultQueries, "`N` vectors that are drawn, "+scale.AllQueries+" vectors, or the location of queries; a vector that is drawn is not its own neighbour")
	flags.Uint64Var(&f.Seed, "seed", 42, "`seed` of the draw")
	flags.IntVar(&f.K, "k", 1000, "number of `neighbours` of each query")
	flags.StringVar(&f.Metric, "metric", "l2", metricHelp)
	flags.Float64Var(&f.memory, "memory", 2, "maximum memory of a worker in `GiB`, beside the program")
	flags.IntVar(&f.QueryBlock, "query-block", 0, "most `queries` of a task; 0 means: as -memory allows")
	flags.IntVar(&f.Parts, "parts", 0, "number of `parts` of the vectors; 0 means: as few as keep -workers busy")
	return f
}

// plan returns the plan.
func (f *exactFlags) plan(ctx context.Context, workers int) (_ *scale.Plan, err error) {
	if _, err := ann.ParseMetric(f.Metric); err != nil {
		return nil, err
	}
	if err := errors.Join(atLeast(1, "k", f.K), atLeast(0, "query-block", f.QueryBlock), atLeast(0, "parts", f.Parts)); err != nil {
		return nil, err
	}
	o := f.ExactOptions
	o.Workers = workers
	if o.Memory, err = gib(f.memory); err != nil {
		return nil, err
	}
	if o.Embeddings, err = absolute(o.Embeddings); err != nil {
		return nil, err
	}
	if _, err := strconv.Atoi(o.Queries); err != nil && o.Queries != scale.AllQueries {
		if o.Queries, err = absolute(o.Queries); err != nil {
			return nil, err
		}
	}
	return scale.PlanExact(ctx, o)
}

// addScaleEmbed defines the flags that define embeddings.
func addScaleEmbed(flags *flag.FlagSet) *scale.EmbedOptions {
	o := &scale.EmbedOptions{}
	flags.StringVar(&o.Dataset, "dataset", "", "photographs: generated, imagenette, stl10 or a `folder` that all workers reach (required)")
	flags.StringVar(&o.Weights, "weights", "", "untrained, imagenet1k_v2, imagenet1k_v1 or a `file` that all workers reach (required)")
	flags.IntVar(&o.Images, "limit", 0, "embed the first `N` images only; 0 means all")
	flags.IntVar(&o.Resize, "resize", 256, "length of the short side in `pixels` before the crop of 224")
	flags.IntVar(&o.Batch, "batch", 32, "number of `images` that are computed together")
	flags.IntVar(&o.Block, "block", 1024, "number of `images` of a task")
	return o
}

func planEmbed(ctx context.Context, o scale.EmbedOptions) (_ *scale.Plan, err error) {
	if err := errors.Join(atLeast(0, "limit", o.Images), atLeast(1, "resize", o.Resize), atLeast(1, "batch", o.Batch), atLeast(1, "block", o.Block)); err != nil {
		return nil, err
	}
	for _, path := range []*string{&o.Dataset, &o.Weights} {
		if _, missing := os.Stat(*path); missing == nil { // not a name such as generated
			if *path, err = filepath.Abs(*path); err != nil {
				return nil, err
			}
		}
	}
	return scale.PlanEmbed(ctx, o)
}

func scaleExactCommand(ctx context.Context, args []string, drivers Drivers) error {
	flags := flag.NewFlagSet("scale exact", flag.ContinueOnError)
	f := addScale(flags, "`FILE.ivecs` for the IDs, nearest first; FILE.fvecs holds the distances, FILE.rows.txt the rows that were drawn (required)")
	e := addScaleExact(flags)
	if err := parse(flags, args, "embeddings", "work", "out"); err != nil {
		return err
	}
	runner, err := f.open(drivers)
	if err != nil {
		return err
	}
	if err := exactPlan(e.Embeddings, f.out, nil); err != nil {
		return err
	}
	p, err := e.plan(ctx, f.workers)
	if err != nil {
		return err
	}
	return f.run(ctx, flags, p, runner)
}

func scaleEmbedCommand(ctx context.Context, args []string, drivers Drivers) error {
	flags := flag.NewFlagSet("scale embed", flag.ContinueOnError)
	f := addScale(flags, "`FILE.npy` for the embeddings, n × 2048 float32; FILE.csv names the rows (required)")
	o := addScaleEmbed(flags)
	if err := parse(flags, args, "dataset", "weights", "work", "out"); err != nil {
		return err
	}
	runner, err := f.open(drivers)
	if err != nil {
		return err
	}
	files := plan{
		reads: []input{{"dataset", o.Dataset}, {"weights", o.Weights}}, writes: embedding.Outputs(f.out), folders: []string{filepath.Dir(f.out)},
		own: func() error { return embedding.CheckWrite(f.out) },
	}
	if err := files.check(); err != nil {
		return err
	}
	p, err := planEmbed(ctx, *o)
	if err != nil {
		return err
	}
	return f.run(ctx, flags, p, runner)
}

func scalePlanCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("scale plan", flag.ContinueOnError)
	work := flags.String("work", "", "`FOLDER` or URL in which the plan is stored for workers, or, without -embeddings and -dataset, that holds a plan")
	workers := flags.Int("workers", 1, "number of `workers` at a time")
	e, o := addScaleExact(flags), addScaleEmbed(flags)
	if err := parse(flags, args); err != nil {
		return err
	}
	if err := atLeast(1, "workers", *workers); err != nil {
		return err
	}
	var p *scale.Plan
	var err error
	switch {
	case e.Embeddings != "" && o.Dataset != "":
		err = errors.New("scale plan: -embeddings and -dataset exclude each other")
	case e.Embeddings != "":
		p, err = e.plan(ctx, *workers)
	case o.Dataset != "" && o.Weights != "":
		p, err = planEmbed(ctx, *o)
	default:
		p, err = stored(ctx, *work)
		if err == nil && p == nil {
			err = fmt.Errorf("scale plan: want -embeddings, or -dataset and -weights, or a -work that holds a plan")
		}
	}
	if err != nil {
		return err
	}
	if *work == "" {
		return printPlan(ctx, os.Stdout, p, nil, *workers)
	}
	var w *scale.Work
	if e.Embeddings == "" && o.Dataset == "" {
		w, err = scale.OpenWork(ctx, *work)
	} else if w, err = scale.CreateWork(ctx, *work, p); err == nil {
		fmt.Printf("the plan is stored in %s\n", *work)
		noteDivision(os.Stderr, flags, *work, w.Plan)
	}
	if err != nil {
		return err
	}
	return errors.Join(printPlan(ctx, os.Stdout, w.Plan, w, *workers), w.Close())
}
