package claims

import (
	"fmt"
	"strings"

	"anncapacity/lib/hnsw"
	"anncapacity/lib/study"
)

// construction compares efConstruction 400 with 100.
func (c *checker) construction() Claim {
	ours, theirs := newSpan(), newSpan()
	for _, k := range c.ks {
		if k >= 50 {
			ours.add(c.here(2, 400, k).overlap - c.here(2, 100, k).overlap)
			theirs.add(c.there(2, 400, k).Overlap - c.there(2, 100, k).Overlap)
		}
	}
	little := func(s span) bool { return s.low > 0 && s.high < 0.1 }
	return Claim{
		"A better index (efConstruction 400 instead of 100) helps a little: overlap gains something, and less than 0.1, at every k from 50",
		verdict(little(ours)), support(little(theirs)), fmt.Sprintf("gain %v; %v", ours, theirs),
	}
}

// construction50 looks how far efConstruction 50 is ahead of all others.
func (c *checker) construction50() Claim {
	ours := c.bestUpTo(func(value float64, k int) float64 { return c.here(2, value, k).overlap })
	theirs := c.bestUpTo(func(value float64, k int) float64 { return c.there(2, value, k).Overlap })
	return Claim{
		"efConstruction 50 gives the best overlap of all at every k from 50 up to about 300 (200 at least)",
		verdict(ours >= 200), support(theirs >= 200), fmt.Sprintf("best up to k = %d; %d", ours, theirs),
	}
}

// bestUpTo is the last k, from 50 without a gap, at which efConstruction 50 is best; 0 if it never is.
func (c *checker) bestUpTo(overlap func(value float64, k int) float64) (last int) {
	for _, k := range c.ks {
		if k < 50 {
			continue // all are so close to 1 that nothing tells them apart
		}
		for _, other := range []float64{100, 200, 300, 400} {
			if overlap(50, k) < overlap(other, k) {
				return last
			}
		}
		last = k
	}
	return last
}

// selection asks whether efConstruction 50 is best where links are always selected.
func (c *checker) selection() Claim {
	var at []string
	best := true
	at50 := make(map[string]float64)
	for _, r := range c.Capacity.Construction {
		if r.M != study.M {
			continue
		}
		if r.EfConstruction == 50 {
			at50[r.Selection] = r.Overlap100
		}
		if r.Selection == hnsw.SelectAlways.String() {
			best = best && at50[r.Selection] >= r.Overlap100
		}
		if r.EfConstruction == 50 || r.EfConstruction == 400 {
			at = append(at, fmt.Sprintf("efConstruction %d, selected %s: %.1f links per node, overlap %.3f", r.EfConstruction, r.Selection, r.MeanLinks, r.Overlap100))
		}
	}
	return Claim{
		"Its lead is the quality of its graph: efConstruction 50 is also best at k = 100 where links are always selected",
		verdict(best), "cannot say: one rule only", strings.Join(at, "; "),
	}
}
