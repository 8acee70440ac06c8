// Command bench measures the project beside its peers, in the same run on the same machine, and prints the table that
// the README quotes. Each figure is the median of several rounds in which project and peer take turns.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"time"

	"anncapacity/lib/internal/memory"
)

// row is one line of the table: how many times as fast as its peer the project is, and how fast it must be.
type row struct {
	what, peer string
	prepare    func() error // what both are given, once
	ours       func() (time.Duration, error)
	theirs     func() (time.Duration, error)
	atLeast    float64
	note       string // what is counted
}

// options are the command line.
type options struct {
	embeddings string
	rounds     int
	only       *regexp.Regexp
}

func main() {
	var o options
	flag.StringVar(&o.embeddings, "embeddings", "../shared/embeddings/imagenette96_resnet50-pqf.npy", "`FILE.npy` of at least 10,000 vectors")
	flag.IntVar(&o.rounds, "rounds", 3, "`times` that project and peer take turns")
	only := flag.String("only", "", "measure only the rows that match this `expression`")
	flag.Parse()
	memory.Tune()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if o.only, err = regexp.Compile(*only); err == nil {
		err = run(ctx, o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	fmt.Printf("%d cores, median of %d rounds in turns\n\n", runtime.NumCPU(), o.rounds)
	fmt.Println("| what | ours | peer | ratio | at least | counted |")
	fmt.Println("|---|---|---|---|---|---|")
	network := &networkBench{}
	search := &searchBench{ctx: ctx, path: o.embeddings}
	missed := 0
	for _, r := range append(network.rows(ctx), search.rows()...) {
		if !o.only.MatchString(r.what) {
			continue
		}
		ratio, err := r.print(ctx, o.rounds)
		if err != nil {
			return fmt.Errorf("%s against %s: %w", r.what, r.peer, err)
		}
		if ratio < r.atLeast {
			missed++
		}
	}
	if o.only.MatchString("memory") {
		if err := search.printMemory(ctx); err != nil {
			return err
		}
	}
	if missed > 0 {
		return fmt.Errorf("%d of the ratios above are lower than they must be", missed)
	}
	return nil
}

// print measures a row and prints its line.
func (r row) print(ctx context.Context, rounds int) (float64, error) {
	if err := r.prepare(); err != nil {
		return 0, err
	}
	var ours, theirs []time.Duration
	for range rounds {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		a, err := r.ours()
		if err != nil {
			return 0, err
		}
		b, err := r.theirs()
		if err != nil {
			return 0, err
		}
		ours, theirs = append(ours, a), append(theirs, b)
	}
	a, b := median(ours), median(theirs)
	ratio := b.Seconds() / a.Seconds()
	fmt.Printf("| %s | %.2f s | %s %.2f s | %.2f× | %.1f× | %s |\n", r.what, a.Seconds(), r.peer, b.Seconds(), ratio, r.atLeast, r.note)
	return ratio, nil
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

// timed is how long a step takes.
func timed(step func() error) (time.Duration, error) {
	started := time.Now()
	err := step()
	return time.Since(started), err
}
