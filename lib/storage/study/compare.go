package study

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"anncapacity/lib/storage/stop"
)

// Keys of the ways that others are compared with: k-means, whose clusters are read in the order of their centroids, and SPANN's closure.
const (
	KMeans  = "kmeans"
	Closure = "spann"
)

// Baselines lists the ways that others are compared with.
var Baselines = []string{KMeans, Closure}

// Comparison is the way that fetches the fewest vectors with a memory, and a baseline with the same memory.
type Comparison struct {
	Way, Rule     string
	Memory        float64 // of the way, in bytes for each base vector
	Vectors       Spread
	Baseline      string
	Fixed         float64 // vectors that the baseline fetches with a fixed number of units, at the memory of the way
	Adaptive      float64 // the same with the rule that fetches fewest
	Fewer         float64 // share of Fixed that the way does not fetch
	FewerAdaptive float64 // share of Adaptive that the way does not fetch
	AdaptiveRule  string
}

// nearMemory is the largest ratio between a wanted memory and that of a way that stands for it.
const nearMemory = 1.4

// Compare returns, of rows of one data, base, test, k and recall, the way other than the baselines that fetches the fewest vectors with
// about the memory, and the baseline at the memory of that way. ok is false if either was not run there.
func Compare(rows []Row, memory float64, baseline string) (c Comparison, ok bool) {
	own, others := map[string][]Row{}, map[string][]Row{}
	for _, r := range rows {
		switch ratio := r.Memory / memory; {
		case r.Way == baseline:
			others[r.Rule] = append(others[r.Rule], r)
		case !slices.Contains(Baselines, r.Way) && ratio < nearMemory && ratio > 1/nearMemory:
			key := r.Way + " " + r.Rule
			own[key] = append(own[key], r)
		}
	}
	best := math.Inf(1)
	for _, key := range slices.Sorted(maps.Keys(own)) {
		same := closest(own[key], memory)
		if s := Over(same, Row.vectors); s.Mean < best {
			best = s.Mean
			c = Comparison{Way: same[0].Way, Rule: same[0].Rule, Memory: Over(same, Row.memory).Mean, Vectors: s, Baseline: baseline}
		}
	}
	fixed, known := AtMemory(others[stop.Fixed.Key], c.Memory)
	if math.IsInf(best, 1) || !known {
		return Comparison{}, false
	}
	c.Fixed, c.Adaptive, c.AdaptiveRule = fixed, fixed, stop.Fixed.Key
	for _, rule := range slices.Sorted(maps.Keys(others)) {
		if v, known := AtMemory(others[rule], c.Memory); known && v < c.Adaptive {
			c.Adaptive, c.AdaptiveRule = v, rule
		}
	}
	c.Fewer, c.FewerAdaptive = 1-c.Vectors.Mean/c.Fixed, 1-c.Vectors.Mean/c.Adaptive
	return c, true
}

// closest returns the rows whose memory is nearest to a memory, those of all seeds of one budget.
func closest(rows []Row, memory float64) (same []Row) {
	off := func(r Row) float64 { return math.Abs(math.Log(r.Memory / memory)) }
	at := slices.MinFunc(rows, func(a, b Row) int { return cmp.Compare(off(a), off(b)) })
	for _, r := range rows {
		if r.Budget == at.Budget && (r.Learn == 0 || r.Units == at.Units) {
			same = append(same, r)
		}
	}
	return same
}
