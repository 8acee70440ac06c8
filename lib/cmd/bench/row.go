package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// row is a comparison of the project with a peer.
type row struct {
	task, peer string
	prepare    func() error // prepares the input of both, once
	ours       func() (time.Duration, error)
	theirs     func() (time.Duration, error)
	target     float64 // minimum ratio of the peer's time to the project's
	counted    string  // steps that the times include
}

// timing is a row with its times, one for each round.
type timing struct {
	row
	ourTimes, theirTimes []time.Duration
}

// time times the project and the peer in turns.
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

// Ratio returns the peer's median time divided by the project's.
func (m timing) Ratio() float64 { return median(m.theirTimes) / median(m.ourTimes) }

// Missed reports whether the ratio is below its target.
func (m timing) Missed() bool { return m.Ratio() < m.target }

// tableHead is the first two lines of the table whose rows Line returns.
const tableHead = "| task | ours, s | peer | peer, s | ratio | target | counted |\n|---|---|---|---|---|---|---|\n"

// Line returns the row of the table: medians, with the minimum and the maximum over the rounds in brackets.
func (m timing) Line() string {
	ratio := fmt.Sprintf("%.2f×", m.Ratio())
	if m.Missed() {
		ratio += ", **below target**"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %.1f× | %s |", m.task, spread(m.ourTimes), m.peer, spread(m.theirTimes), ratio, m.target, m.counted)
}

// spread formats the median, the minimum and the maximum in seconds.
func spread(times []time.Duration) string {
	return fmt.Sprintf("%.2f (%.2f–%.2f)", median(times), slices.Min(times).Seconds(), slices.Max(times).Seconds())
}

// median returns the median in seconds. For an even number of times, it is the mean of the two middle ones.
func median(times []time.Duration) float64 {
	sorted := slices.Sorted(slices.Values(times))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle].Seconds()
	}
	return (sorted[middle-1] + sorted[middle]).Seconds() / 2
}

// timed returns the duration of step.
func timed(step func() error) (time.Duration, error) {
	started := time.Now()
	err := step()
	return time.Since(started), err
}

// thousands formats a number with commas between groups of three digits.
func thousands(n int) string {
	if n < 1000 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
