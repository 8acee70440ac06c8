package scale

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"anncapacity/lib/internal/progress"
)

// Job says how the missing tasks of a plan are computed and where the result goes.
type Job struct {
	Runner   Runner
	Workers  int       // at a time; of an Indexed runner it is not used
	Out      string    // see Merge
	Progress io.Writer // nil means none
}

// rounds is how often damaged results are computed again.
const rounds = 3

// Run computes the tasks whose results are missing, and merges the results of all. Damaged results are computed again. It can be
// stopped at any time and called again on any machine.
func (w *Work) Run(ctx context.Context, j Job) (*Report, error) {
	if j.Progress == nil {
		j.Progress = io.Discard
	}
	shared, end, err := w.enter(ctx, j.Progress)
	if err != nil {
		return nil, err
	}
	defer end()
	report := &Report{Tasks: len(w.Plan.Tasks()), Shared: shared}
	for round := 1; ; round++ {
		computed, err := w.computeMissing(ctx, j, shared)
		report.Computed += computed
		if err != nil {
			return nil, err
		}
		err = w.Merge(ctx, j.Out)
		if damaged := (*DamagedError)(nil); errors.As(err, &damaged) && round < rounds {
			again := "computed again"
			if _, others := j.Runner.(*Indexed); others {
				again = "removed: start the workers of the array again, which compute what is missing"
			}
			fmt.Fprintf(j.Progress, "%s: %v: %s\n", w.Location, err, again)
			err = w.Forget(ctx, damaged.Tasks...)
			report.Damaged = append(report.Damaged, damaged.Tasks...)
			if err == nil {
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		return report, report.add(ctx, w)
	}
}

// computeMissing runs the missing tasks and returns their number. If shared is true, it takes them in a random order, so that runs at the
// same time compute different ones. The results do not depend on it.
func (w *Work) computeMissing(ctx context.Context, j Job, shared bool) (int, error) {
	missing, err := w.Missing(ctx)
	if err != nil || len(missing) == 0 {
		return 0, err
	}
	if shared {
		rand.Shuffle(len(missing), func(a, b int) { missing[a], missing[b] = missing[b], missing[a] })
	}
	all := len(w.Plan.Tasks())
	bar := progress.New(j.Progress, "tasks", all, "tasks")
	defer bar.Stop()
	bar.Add(all - len(missing))
	err = j.Runner.Run(ctx, w.Location, missing, j.Workers, func(string) { bar.Add(1) })
	return len(missing), err
}

const (
	heartbeat = 30 * time.Second
	lifetime  = 3 * heartbeat // after which a run without heartbeat has ended
)

// enter records that this process runs the job, and names other processes that do; shared reports whether there are any. Several runs
// on one folder share the results; at worst they compute the same tasks. end must be called.
func (w *Work) enter(ctx context.Context, log io.Writer) (shared bool, end func(), err error) {
	if shared, err = w.others(ctx, log); err != nil {
		return false, nil, err
	}
	name := runs + worker()
	beat := func() error {
		return w.folder.Put(ctx, name, fmt.Appendf(nil, "%d\n", time.Now().Unix()))
	}
	if err := beat(); err != nil {
		return false, nil, fmt.Errorf("%s: %w", w.Location, err)
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			case <-time.After(heartbeat):
				_ = beat() // the results matter, and their errors are reported
			}
		}
	}()
	return shared, func() {
		close(stop)
		<-ended
		_ = w.folder.Delete(context.WithoutCancel(ctx), name)
	}, nil
}

// others names the runs on the folder, and reports whether there are any.
func (w *Work) others(ctx context.Context, log io.Writer) (any bool, err error) {
	names, err := w.names(ctx, runs)
	if err != nil {
		return false, err
	}
	for _, other := range names {
		content, err := w.folder.Get(ctx, runs+other)
		if err != nil {
			continue // it ended
		}
		if seconds, err := strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64); err == nil && time.Since(time.Unix(seconds, 0)) < lifetime {
			any = true
			fmt.Fprintf(log, "%s: the run %s works on this folder, too, or was killed within the last %v: both use the same results, "+
				"and this one takes the missing tasks in a random order\n", w.Location, other, lifetime)
		}
	}
	return any, nil
}
