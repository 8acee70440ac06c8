// Package command implements the command anncapacity, which runs the long steps of the study. The notebooks and make call it.
// Its main packages differ in the engines that they include.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"anncapacity/lib/audit/live"
	"anncapacity/lib/engine"
	"anncapacity/lib/scale"
)

// Drivers are what needs modules of its own, and what only some main packages therefore include. The zero value includes nothing.
type Drivers struct {
	Audited []live.Driver // that audit can use beside its own
	// Spark returns the runner of scale -runner spark, given an address such as sc://host:15002 and the command of this program on the
	// executors; "" means anncapacity.
	Spark func(remote, program string) scale.Runner
}

// command is one command of the program.
type command struct {
	name, summary string
	stopped       string // what is kept after an interrupt, and what the same command then does
	run           func(ctx context.Context, args []string) error
}

// commands returns every command. all lists the engines that the commands study and engines can use.
func commands(all []engine.Engine, drivers Drivers) []command {
	return []command{
		{"download", "downloads Imagenette, STL-10, torchvision's weights or TEXMEX's SIFT vectors, with resume and checksum",
			"the bytes that were transferred are kept; the same command continues", downloadCommand},
		{"embed", "computes ResNet-50 embeddings of photographs, with a cache and resume",
			"the batches that were computed are kept in the cache; the same command continues", embedCommand},
		{"sift", "computes SIFT descriptors of photographs: a base, a learn set and queries from different photographs",
			"nothing is kept; the same command starts from the beginning", siftCommand},
		{"advise", "determines which efSearch your own embeddings need, or which way to lay out vectors on a disk",
			"nothing is kept; the same command starts from the beginning", adviseCommand},
		{"audit", "determines what an index that exists returns: recall and number of answers at every setting",
			"a report of a live index holds the queries until then; the same command starts from the beginning", func(ctx context.Context, args []string) error { return auditCommand(ctx, args, drivers.Audited) }},
		{"exact", "finds the exact neighbours of every point, the ground truth",
			"the groups of queries that were finished are kept; the same command continues", exactCommand},
		{"study", "runs the paper's conditions on embeddings and records every measure",
			"the runs that were finished are kept; the same command continues", func(ctx context.Context, args []string) error { return studyCommand(ctx, args, all) }},
		{"engines", "compares what real engines return when k exceeds efSearch",
			"the engines that were finished are kept; the same command continues", func(ctx context.Context, args []string) error { return enginesCommand(ctx, args, all) }},
		{"storage", "builds, searches and compares indexes of vectors on a disk: storage build, search, study or disk",
			"nothing is kept; the same command starts from the beginning", storageCommand},
		{"scale", "finds exact neighbours, or embeds photographs, on several processes or machines: scale exact, embed, plan, task, manifest or merge",
			"the results of the tasks that were finished are kept; the same command continues",
			func(ctx context.Context, args []string) error { return scaleCommand(ctx, args, drivers) }},
		{"version", "prints the version of this program", "nothing is kept", versionCommand},
		{"figures", "draws every figure from the records of a study",
			"the figures that were drawn are kept; the same command draws all of them", figuresCommand},
	}
}

// Main runs the command line of this process and returns its exit status. all lists the engines that the commands study and
// engines can use.
func Main(all []engine.Engine, drivers Drivers) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() {
		stop() // the second interrupt ends the process at once
		time.Sleep(2 * time.Second)
		fmt.Fprintln(os.Stderr, "\nanncapacity: stopping after the current step; another interrupt ends the program at once")
	})
	err := dispatch(ctx, commands(all, drivers), os.Args[1:])
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		return 2
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(os.Stderr, "\nanncapacity:", err)
		return scale.Interrupted
	default:
		fmt.Fprintln(os.Stderr, "anncapacity:", err)
		return 1
	}
	return 0
}

// interrupted is the error of a command that was interrupted. It wraps context.Canceled.
type interrupted struct{ command }

func (i interrupted) Error() string { return i.name + ": interrupted; " + i.stopped }

func (interrupted) Unwrap() error { return context.Canceled }

// runInterruptible runs the command. If it was interrupted, the error says what is kept: as the command below it that ran says, or as
// the command itself.
func (c command) runInterruptible(ctx context.Context, args []string) error {
	err := c.run(ctx, args)
	if below := (interrupted{}); errors.Is(err, context.Canceled) && !errors.As(err, &below) {
		return interrupted{c}
	}
	return err
}

// errUsage is the error of a wrong command line whose reason has already been printed.
var errUsage = errors.New("usage")

func dispatch(ctx context.Context, all []command, args []string) error {
	if len(args) == 0 {
		usage(os.Stderr, all)
		return errUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		usage(os.Stdout, all)
		return nil
	}
	for _, c := range all {
		if c.name == args[0] {
			return c.runInterruptible(ctx, args[1:])
		}
	}
	fmt.Fprintf(os.Stderr, "anncapacity: unknown command %q\n", args[0])
	usage(os.Stderr, all)
	return errUsage
}

func usage(w io.Writer, all []command) {
	fmt.Fprintln(w, "usage: anncapacity <command> [flags]    (anncapacity <command> -h lists the flags)")
	for _, c := range all {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
}

// parse parses a command's flags. It returns an error if a required flag is missing or if there is an argument that is not a
// flag. If it returns flag.ErrHelp or errUsage, the help or the error has already been printed.
func parse(flags *flag.FlagSet, args []string, required ...string) error {
	if err := parseFlags(flags, args, "[flags]"); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%s: unexpected argument %q", flags.Name(), flags.Arg(0))
	}
	for _, name := range required {
		if flags.Lookup(name).Value.String() == "" {
			return fmt.Errorf("%s: -%s is required (anncapacity %s -h)", flags.Name(), name, flags.Name())
		}
	}
	return nil
}

// parseFlags parses a command's flags, and leaves the arguments after them. After -h it prints the usage, of which arguments is a part,
// and the flags on standard output, and returns flag.ErrHelp. If a flag is wrong, it prints the reason and returns errUsage.
func parseFlags(flags *flag.FlagSet, args []string, arguments string) error {
	flags.Usage = func() {} // package flag would print all flags below the reason, so that the reason scrolls away
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		fmt.Printf("usage: anncapacity %s %s\n", flags.Name(), arguments)
		flags.SetOutput(os.Stdout)
		flags.PrintDefaults()
		return err
	case err != nil:
		fmt.Fprintf(os.Stderr, "anncapacity %s -h lists the flags\n", flags.Name())
		return errUsage
	}
	return nil
}
