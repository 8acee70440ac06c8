// Package stop decides when a search on storage has read enough. A rule computes a number from the state of the search, the
// confidence, and the search ends when the confidence reaches a threshold. Sweep evaluates all thresholds of a rule in one walk
// for each query; Calibrate chooses the threshold that a wanted recall needs.
package stop

import (
	"fmt"
	"math"

	"anncapacity/lib/storage/walk"
)

// Rule is a rule to stop a search.
type Rule struct {
	Key, Name  string
	Confidence func(s *walk.State) float64
	thresholds func(units int) []float64 // ascending, for a layout of that many units
}

// The rules.
var (
	// Fixed reads the same number of units for every query.
	Fixed = Rule{"fixed", "a fixed number of units", func(s *walk.State) float64 { return float64(s.Units) }, counts}
	// Mass reads until the units read hold the nearest neighbour with an estimated probability.
	Mass = Rule{"mass", "the estimated probability read", func(s *walk.State) float64 { return s.Mass }, probabilities}
	// Settled reads until a number of units have not changed the k nearest.
	Settled = Rule{"settled", "units without a change", func(s *walk.State) float64 { return float64(s.Unchanged) }, counts}
	// Ratio reads the clusters whose centroids are not farther than the nearest one by more than a share of its distance. It is the
	// query-aware dynamic pruning of SPANN (Chen et al. 2021, arXiv 2111.08566), and the threshold its ε₂. SPTAG compares squared
	// distances instead.
	Ratio = Rule{"ratio", "the distance of the centroid relative to the nearest", excess, excesses}
	// Bound reads until the estimated probability that a nearer vector was not read is low.
	Bound = Rule{"bound", "the estimated probability of a nearer vector", sureness, probabilities}
)

// sureness is the estimated probability that every nearer vector was read.
func sureness(s *walk.State) float64 { return 1 - s.Remaining() }

// excess is the share by which the next centroid is farther than the first.
func excess(s *walk.State) float64 { return s.Ratio() - 1 }

// Rules lists all rules.
var Rules = []Rule{Fixed, Mass, Settled, Ratio, Bound}

// counts returns 1, 2, … and from 20 on numbers in steps of about 5 %, up to units.
func counts(units int) (thresholds []float64) {
	for n := 1; n < units; n += max(1, n/20) {
		thresholds = append(thresholds, float64(n))
	}
	return append(thresholds, float64(units))
}

// probabilities returns 1 − 10^(−i/25) for i = 1 … 150.
func probabilities(int) (thresholds []float64) {
	for i := 1; i <= 150; i++ {
		thresholds = append(thresholds, 1-math.Pow(10, -float64(i)/25))
	}
	return thresholds
}

// excesses returns 0.005 · 1.05^i for i = 0 … 139, up to 4.4.
func excesses(int) (thresholds []float64) {
	for i := range 140 {
		thresholds = append(thresholds, .005*math.Pow(1.05, float64(i)))
	}
	return thresholds
}

// RuleOf returns the rule with the key.
func RuleOf(key string) (Rule, error) {
	for _, r := range Rules {
		if r.Key == key {
			return r, nil
		}
	}
	return Rule{}, fmt.Errorf("stop: unknown rule %q", key)
}
