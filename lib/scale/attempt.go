package scale

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An attempt is recorded by two empty objects, one when it begins and one when its result is stored, whose names hold everything: who
// made it, when, and for how many milliseconds. Listing them is enough to report which tasks were computed more than once.

// Attempt is a computation of a task.
type Attempt struct {
	Task, Worker string
	Begun        time.Time
	Seconds      float64 // until its result was stored; 0 if it never was
}

const finished = ".ms"

// begin records that this process begins to compute a task. finish records that the result is stored.
func (w *Work) begin(ctx context.Context, task string) (finish func() error, err error) {
	begun := time.Now()
	name := fmt.Sprintf("%s%s/%s.%d", attempts, task, worker(), begun.UnixNano())
	if err := w.folder.Put(ctx, name, nil); err != nil {
		return nil, fmt.Errorf("%s: %w", w.Location, err)
	}
	return func() error {
		return w.folder.Put(ctx, fmt.Sprintf("%s.%d%s", name, max(1, time.Since(begun).Milliseconds()), finished), nil)
	}, nil
}

// worker names this process: host and process ID.
func worker() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	clean := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, host)
	return fmt.Sprintf("%s-%d", clean, os.Getpid())
}

// Attempts returns all attempts, by task and in the order of their beginnings.
func (w *Work) Attempts(ctx context.Context) ([]Attempt, error) {
	names, err := w.names(ctx, attempts)
	if err != nil {
		return nil, err
	}
	slices.Sort(names) // the end of an attempt follows its beginning
	var all []Attempt
	for _, name := range names {
		task, rest, _ := strings.Cut(name, "/")
		fields := strings.Split(strings.TrimSuffix(rest, finished), ".")
		if len(fields) < 2 {
			return nil, fmt.Errorf("%s: %s%s is no record of an attempt", w.Location, attempts, name)
		}
		nanos, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %s%s is no record of an attempt", w.Location, attempts, name)
		}
		if len(fields) == 2 {
			all = append(all, Attempt{Task: task, Worker: fields[0], Begun: time.Unix(0, nanos)})
		} else if last := len(all) - 1; last >= 0 && all[last].Task == task && all[last].Begun.UnixNano() == nanos {
			ms, _ := strconv.ParseFloat(fields[2], 64)
			all[last].Seconds = ms / 1000
		}
	}
	slices.SortStableFunc(all, func(a, b Attempt) int {
		if a.Task != b.Task {
			return strings.Compare(a.Task, b.Task)
		}
		return a.Begun.Compare(b.Begun)
	})
	return all, nil
}
