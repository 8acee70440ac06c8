package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"anncapacity/lib/scale"
	"anncapacity/lib/scale/manifest"
)

// words is a flag that may be given several times.
type words []string

func (w *words) String() string { return strings.Join(*w, " ") }

// Set implements flag.Value.
func (w *words) Set(text string) error {
	*w = append(*w, text)
	return nil
}

// manifestFlags holds the flags of anncapacity scale manifest.
type manifestFlags struct {
	manifest.Job
	kubernetes, slurm bool
	program           string
	mib               int64
	env, mounts       words
}

// scaleManifestCommand prints what starts the workers of a job.
func scaleManifestCommand(ctx context.Context, args []string) error {
	f, err := parseManifest(args)
	if err != nil {
		return err
	}
	if err := f.Check(); err != nil {
		return fmt.Errorf("scale manifest: %w", err)
	}
	if err := f.fit(ctx); err != nil {
		return err
	}
	write := manifest.Slurm
	if f.kubernetes {
		write = manifest.Kubernetes
	}
	text, err := write(f.Job)
	if err != nil {
		return fmt.Errorf("scale manifest: %w", err)
	}
	_, err = os.Stdout.Write(text)
	return err
}

func parseManifest(args []string) (f manifestFlags, err error) {
	flags := flag.NewFlagSet("scale manifest", flag.ContinueOnError)
	flags.BoolVar(&f.kubernetes, "kubernetes", false, "print an Indexed Job in YAML, for kubectl apply")
	flags.BoolVar(&f.slurm, "slurm", false, "print the script of an array, for sbatch")
	flags.StringVar(&f.Work, "work", "", "`FOLDER` or URL that holds the plan and the results, as the workers reach it (required)")
	flags.IntVar(&f.Workers, "workers", 1, "number of `workers`")
	flags.StringVar(&f.Image, "image", "", "container `image` of this program; without one, Slurm starts the program of its nodes")
	flags.StringVar(&f.program, "program", "", "`command` of the program; by default that of the image, or anncapacity")
	flags.StringVar(&f.Name, "name", "anncapacity", "`name` of the job")
	flags.IntVar(&f.CPUs, "cpus", 4, "number of `CPUs` of a worker")
	flags.Int64Var(&f.mib, "memory", 0, "memory of a worker in `MiB`; 0 means what the plan in -work needs")
	flags.IntVar(&f.Retries, "retries", 3, "`times` that a worker that failed is started again")
	flags.Var(&f.env, "env", "environment `variable` NAME=VALUE of the workers; may be given several times")
	flags.Var(&f.mounts, "mount", "persistent `volume` CLAIM:FOLDER of the workers of Kubernetes; may be given several times")
	flags.StringVar(&f.Secret, "secret", "", "`name` of a secret of Kubernetes whose entries become environment variables, such as the keys of a bucket")
	flags.DurationVar(&f.Limit, "time", 0, "`time` after which Slurm ends a worker, such as 12h; 0 means the limit of the cluster")
	if err := parse(flags, args, "work"); err != nil {
		return f, err
	}
	if f.kubernetes == f.slurm {
		return f, errors.New("scale manifest: give either -kubernetes or -slurm")
	}
	if err := errors.Join(atLeast(1, "workers", f.Workers), atLeast(1, "cpus", f.CPUs), atLeast(0, "memory", int(f.mib)), atLeast(1, "retries", f.Retries)); err != nil {
		return f, err
	}
	f.Env, f.Program = f.env, strings.Fields(f.program)
	for _, m := range f.mounts {
		claim, folder, both := strings.Cut(m, ":")
		if !both {
			return f, fmt.Errorf("-mount %s: want CLAIM:FOLDER, the name of a PersistentVolumeClaim and its folder in the workers", m)
		}
		f.Mounts = append(f.Mounts, manifest.Mount{Claim: claim, Path: folder})
	}
	return f, nil
}

// fit reads the plan, unless -memory is given, and sets the memory of a worker. There are not more workers than tasks.
func (f *manifestFlags) fit(ctx context.Context) error {
	f.Memory = f.mib << 20
	if f.mib > 0 {
		return nil
	}
	work, err := scale.OpenWork(ctx, f.Work)
	if err != nil {
		return fmt.Errorf("scale manifest: %w (or give -memory if this machine does not reach the folder)", err)
	}
	f.Memory = work.Plan.Cost().Memory + manifest.Overhead
	if n := len(work.Plan.Tasks()); n < f.Workers {
		fmt.Fprintf(os.Stderr, "scale manifest: the plan has %d tasks, so that there are %d workers and not %d\n", n, n, f.Workers)
		f.Workers = n
	}
	return work.Close()
}
