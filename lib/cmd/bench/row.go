package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// row is one comparison: what is timed, and how many times as fast as its peer the project is wanted to be.
type row struct {
	what, peer string
	prepare    func() error // what both are given, once
	ours       func() (time.Duration, error)
	theirs     func() (time.Duration, error)
	wanted     float64
	counted    string // which steps the times hold
}

// timing is a row with its times, one per round.
type timing struct {
	row
	ourTimes, theirTimes []time.Duration
}

// time runs the project and the peer in turns.
func (r row) time(ctx context.Context, rounds int) (timing, error) {
	m := timing{row: r}
	if err := r.prepare(); err != nil {
		return m, err
	}
	for range rounds {
		if err := ctx.Err(); err != nil {
			return m, err
		}
		ours, err := r.ours()
		if err != nil {
			return m, err
		}
		theirs, err := r.theirs()
		if err != nil {
			return m, err
		}
		m.ourTimes, m.theirTimes = append(m.ourTimes, ours), append(m.theirTimes, theirs)
	}
	return m, nil
}

// Ratio is the peer's median time over the project's.
func (m timing) Ratio() float64 { return median(m.theirTimes) / median(m.ourTimes) }

// Missed reports whether the ratio is lower than wanted.
func (m timing) Missed() bool { return m.Ratio() < m.wanted }

// tableHead are the first two lines of the table whose rows Line returns.
const tableHead = "| what | ours, s | peer | peer, s | ratio | wanted | counted |\n|---|---|---|---|---|---|---|\n"

// Line is the row of the table: medians, with the least and the greatest of the rounds in brackets.
func (m timing) Line() string {
	ratio := fmt.Sprintf("%.2f×", m.Ratio())
	if m.Missed() {
		ratio += ", **lower than wanted**"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %.1f× | %s |", m.what, spread(m.ourTimes), m.peer, spread(m.theirTimes), ratio, m.wanted, m.counted)
}

// spread writes the median, the least and the greatest in seconds.
func spread(times []time.Duration) string {
	return fmt.Sprintf("%.2f (%.2f–%.2f)", median(times), slices.Min(times).Seconds(), slices.Max(times).Seconds())
}

// median is in seconds, the mean of both middle ones where the count is even.
func median(times []time.Duration) float64 {
	sorted := slices.Sorted(slices.Values(times))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle].Seconds()
	}
	return (sorted[middle-1] + sorted[middle]).Seconds() / 2
}

// timed returns how long a step takes.
func timed(step func() error) (time.Duration, error) {
	started := time.Now()
	err := step()
	return time.Since(started), err
}

// thousands writes a number below a million with a comma behind the thousands.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
