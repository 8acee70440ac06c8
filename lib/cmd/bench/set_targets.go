package main

import (
	"fmt"

	"anncapacity/lib/growth"
)

// comparison is a ratio of the project with the best of the peers, and its target.
type comparison struct {
	what   string
	ratio  float64
	target float64
	most   bool // the target is the most that the ratio may be
}

func (c comparison) missed() bool {
	if c.most {
		return c.ratio > c.target
	}
	return c.ratio < c.target
}

func (c comparison) String() string {
	bound, missed := "at least", ""
	if c.most {
		bound = "at most"
	}
	if c.missed() {
		missed = ", **target missed**"
	}
	return fmt.Sprintf("%s: %.2f× (target: %s %.1f×)%s", c.what, c.ratio, bound, c.target, missed)
}

// missed returns the number of comparisons that miss their target.
func (s setTable) missed() (missed int) {
	for _, c := range s.Comparisons() {
		if c.missed() {
			missed++
		}
	}
	return missed
}

// Comparisons returns the ratios that have targets.
func (s setTable) Comparisons() (all []comparison) {
	own, peers := s.medians[0], s.medians[1:]
	if own.Engine != growth.Own || len(peers) == 0 {
		return nil
	}
	best := func(value func(r growth.Record) float64) (of growth.Record) {
		of = peers[0]
		for _, r := range peers {
			if value(r) > value(of) {
				of = r
			}
		}
		return of
	}
	add := func(what string, value func(r growth.Record) float64, target float64) {
		peer := best(value)
		all = append(all, comparison{fmt.Sprintf("%s, relative to %s", what, peer.Engine), value(own) / value(peer), target, false})
	}
	add("speed of the construction", func(r growth.Record) float64 { return 1 / r.Build }, buildTarget)
	add("queries/s one at a time at efSearch 50", func(r growth.Record) float64 { return r.Single50 }, searchTarget)
	add("queries/s one at a time at efSearch 200", func(r growth.Record) float64 { return r.Single200 }, searchTarget)
	add("queries/s all at once at efSearch 50", func(r growth.Record) float64 { return r.Batch50 }, searchTarget)
	add("queries/s all at once at efSearch 200", func(r growth.Record) float64 { return r.Batch200 }, searchTarget)
	for _, r := range peers {
		if r.Exact > 0 {
			all = append(all, comparison{"exact queries/s, relative to " + r.Engine, own.Exact / r.Exact, exactTarget, false})
		}
	}
	memory := func(what string, value func(r growth.Record) float64) comparison {
		leanest := best(func(r growth.Record) float64 { return 1 / value(r) })
		return comparison{what + ", relative to " + leanest.Engine, value(own) / value(leanest), 1, true}
	}
	return append(all, memory("memory of the index", func(r growth.Record) float64 { return r.Held }),
		memory("most memory of the construction", func(r growth.Record) float64 { return r.Memory }),
		comparison{"time of a walk, relative to a search, at efSearch 200", own.Single200 / own.Walk200, walkTarget, true})
}
