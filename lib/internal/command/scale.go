package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"anncapacity/lib/scale"
)

// scaleCommands returns the commands below the command scale.
func scaleCommands(drivers Drivers) []command {
	const kept = "the results of the tasks that were finished are kept; the same command continues, on any machine"
	return []command{
		{"exact", "finds exact neighbours of a sample of vectors, of all or of queries", kept,
			func(ctx context.Context, args []string) error { return scaleExactCommand(ctx, args, drivers) }},
		{"embed", "computes ResNet-50 embeddings of photographs", kept,
			func(ctx context.Context, args []string) error { return scaleEmbedCommand(ctx, args, drivers) }},
		{"plan", "prints the tasks and the cost of exact or embed, and stores the plan for workers if -work is given", "nothing was computed", scalePlanCommand},
		{"task", "computes tasks of a plan: what every worker runs", kept, scaleTaskCommand},
		{"manifest", "prints what starts the workers on Kubernetes or Slurm", "nothing was changed", scaleManifestCommand},
		{"merge", "puts the results of all tasks together", "nothing was changed; the same command starts from the beginning", scaleMergeCommand},
	}
}

func scaleCommand(ctx context.Context, args []string, drivers Drivers) error {
	all := scaleCommands(drivers)
	if len(args) == 0 {
		scaleUsage(os.Stderr, all)
		return errUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		scaleUsage(os.Stdout, all)
		return nil
	}
	for _, c := range all {
		if c.name == args[0] {
			c.name = "scale " + c.name
			return c.runInterruptible(ctx, args[1:])
		}
	}
	fmt.Fprintf(os.Stderr, "anncapacity: unknown command %q of scale\n", args[0])
	scaleUsage(os.Stderr, all)
	return errUsage
}

func scaleUsage(w io.Writer, all []command) {
	fmt.Fprintln(w, "usage: anncapacity scale <command> [flags]    (anncapacity scale <command> -h lists the flags)")
	for _, c := range all {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
}

// workHelp is the help text of -work.
const workHelp = "`FOLDER` or URL that holds the plan and the results, and that all workers reach (required)"

// scaleFlags holds the flags that scale exact and scale embed share.
type scaleFlags struct {
	work, out, runner, remote, program string
	workers                            int
}

func addScale(flags *flag.FlagSet, out string) *scaleFlags {
	f := &scaleFlags{}
	flags.StringVar(&f.work, "work", "", workHelp)
	flags.StringVar(&f.out, "out", "", out)
	flags.StringVar(&f.runner, "runner", "local", "what starts the workers: `local` processes, indexed (a Kubernetes Indexed Job, a Slurm array, AWS Batch), or spark")
	flags.StringVar(&f.remote, "remote", os.Getenv("SPARK_REMOTE"), "`URL` of Spark Connect for -runner spark, such as sc://host:15002; the default is $SPARK_REMOTE")
	flags.StringVar(&f.program, "program", "anncapacity", "`command` of this program on the executors of Spark, for -runner spark")
	flags.IntVar(&f.workers, "workers", 1, "number of `workers` at a time")
	return f
}

// open returns the runner.
func (f *scaleFlags) open(drivers Drivers) (scale.Runner, error) {
	if err := atLeast(1, "workers", f.workers); err != nil {
		return nil, err
	}
	switch f.runner {
	case "local":
		return &scale.Local{Log: os.Stderr}, nil
	case "indexed":
		return &scale.Indexed{Log: os.Stderr}, nil
	case "spark":
		if drivers.Spark == nil {
			return nil, errors.New("-runner spark: this program was built without Spark's client: make cloud builds bin/anncapacity with it, and the image has it")
		}
		if f.remote == "" {
			return nil, errors.New("-runner spark: -remote or SPARK_REMOTE must name the server, such as sc://host:15002")
		}
		return drivers.Spark(f.remote, f.program), nil
	}
	return nil, fmt.Errorf("-runner %s: want local, indexed or spark", f.runner)
}

// run stores the plan, prints it with its cost, computes the missing tasks and merges the results.
func (f *scaleFlags) run(ctx context.Context, flags *flag.FlagSet, p *scale.Plan, runner scale.Runner) (err error) {
	work, err := scale.CreateWork(ctx, f.work, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, work.Close()) }()
	noteDivision(os.Stderr, flags, f.work, work.Plan)
	if err := printPlan(ctx, os.Stderr, work.Plan, work, f.workers); err != nil {
		return err
	}
	if f.runner == "indexed" {
		fmt.Fprintf(os.Stderr, "waiting for workers: start them with anncapacity scale task --work %s --workers N, each with its index (docs/scale.md)\n", f.work)
	}
	if err := os.MkdirAll(filepath.Dir(f.out), 0o755); err != nil {
		return fmt.Errorf("-out: %w", err)
	}
	report, err := work.Run(ctx, scale.Job{Runner: runner, Workers: f.workers, Out: f.out, Progress: os.Stderr})
	if err != nil {
		return err
	}
	report.Print(os.Stdout)
	for _, path := range work.Plan.Outputs(f.out) {
		fmt.Println(path)
	}
	return nil
}

// noteDivision notes the flags that ask for another division into tasks than that of the plan, which may be an earlier run's.
func noteDivision(out io.Writer, flags *flag.FlagSet, work string, p *scale.Plan) {
	var used map[string]int
	if p.Kind == scale.KindExact {
		used = map[string]int{"query-block": p.Exact.QueryBlock, "parts": p.Exact.Parts}
	} else {
		used = map[string]int{"block": p.Embed.Block}
	}
	flags.Visit(func(given *flag.Flag) {
		value, divides := used[given.Name]
		if text := given.Value.String(); divides && text != "0" && text != strconv.Itoa(value) {
			fmt.Fprintf(out, "-%s %s: not used: the plan in %s has %d, and its results are continued; another folder is divided anew\n",
				given.Name, text, work, value)
		}
	})
}

// printPlan prints a plan and its cost. work may be nil.
func printPlan(ctx context.Context, out io.Writer, p *scale.Plan, work *scale.Work, workers int) error {
	missing := p.Tasks()
	if work != nil {
		var err error
		if missing, err = work.Missing(ctx); err != nil {
			return err
		}
	}
	var rates scale.Rates
	if len(missing) > 0 {
		var err error
		if rates, err = p.Rates(ctx); err != nil {
			return err
		}
	}
	p.Print(out, len(missing), workers, rates)
	return nil
}

// stored returns the plan in a work folder, or nil if the folder or the plan does not exist, and creates nothing.
func stored(ctx context.Context, work string) (*scale.Plan, error) {
	if _, err := os.Stat(work); work == "" || errors.Is(err, fs.ErrNotExist) && isPath(work) {
		return nil, nil
	}
	return scale.Stored(ctx, work)
}
