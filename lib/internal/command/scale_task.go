package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"anncapacity/lib/internal/memory"
	"anncapacity/lib/scale"
)

func scaleTaskCommand(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("scale task", flag.ContinueOnError)
	work := flags.String("work", "", workHelp)
	data := flags.String("data", "", "`location` of the vectors or photographs, if this worker reaches them elsewhere than the plan says")
	workers := flags.Int("workers", 0, "number of `workers` of an array: each computes its share of the missing tasks; 0 means that tasks are named")
	index := flags.Int("index", -1, "`index` of this worker, from 0; the default is that of Kubernetes, Slurm or AWS Batch (with -workers)")
	run := flags.String("run", "", "`name` of the run that this worker belongs to: it ends soon after that run, as Spark's workers must")
	if err := parseFlags(flags, args, "[flags] [task...]"); err != nil {
		return err
	}
	switch {
	case *work == "":
		return errors.New("scale task: -work is required (anncapacity scale task -h)")
	case *run != "" && *workers > 0:
		return errors.New("scale task: -run and -workers exclude each other")
	case *workers < 0 || *index >= 0 && *workers == 0 || *workers > 0 && flags.NArg() > 0:
		return errors.New("scale task: want names of tasks, or -workers and an index, or names on standard input")
	}
	memory.Tune()
	defer memory.CollectEarly()()
	o := scale.Options{Data: *data, Log: os.Stderr}
	if *workers > 0 {
		if *index < 0 {
			if *index, err = scale.Index(os.Getenv, *workers); err != nil {
				return err
			}
		}
		return scale.ServeShare(ctx, *work, o, *index, *workers, os.Stdout)
	}
	w, err := scale.OpenWorker(ctx, *work, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	if *run != "" {
		var stop func()
		ctx, stop = w.Follow(ctx, *run)
		defer stop()
	}
	return w.Serve(ctx, flags.Args(), os.Stdin, os.Stdout)
}

func scaleMergeCommand(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("scale merge", flag.ContinueOnError)
	work := flags.String("work", "", workHelp)
	out := flags.String("out", "", "`FILE.ivecs` or FILE.npy, as of scale exact or scale embed (required)")
	if err := parse(flags, args, "work", "out"); err != nil {
		return err
	}
	w, err := scale.OpenWork(ctx, *work)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	missing, err := w.Missing(ctx)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s: the results of %d of %d tasks are missing, such as %s: run the command scale %s of this folder again",
			*work, len(missing), len(w.Plan.Tasks()), missing[0], w.Plan.Kind)
	}
	if err := os.MkdirAll(filepath.Dir(*out), 0o755); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	err = w.Merge(ctx, *out)
	if damaged := (*scale.DamagedError)(nil); errors.As(err, &damaged) {
		return fmt.Errorf("%s: %w: run the command scale %s of this folder again, which computes what is damaged anew", *work, err, w.Plan.Kind)
	}
	if err != nil {
		return err
	}
	report, err := w.Report(ctx)
	if err != nil {
		return err
	}
	report.Print(os.Stdout)
	return nil
}
