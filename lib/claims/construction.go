package claims

import (
	"fmt"
	"strings"

	"anncapacity/lib/hnsw"
	"anncapacity/lib/study"
)

// construction compares the overlaps of efConstruction 400 and 100.
func (c *checker) construction() Claim {
	ours, theirs := newSpan(), newSpan()
	for _, k := range c.ks {
		if k >= 50 {
			ours.add(c.meansAt(2, 400, k).overlap - c.meansAt(2, 100, k).overlap)
			theirs.add(c.publishedAt(2, 400, k).Overlap - c.publishedAt(2, 100, k).Overlap)
		}
	}
	little := func(s span) bool { return s.low > 0 && s.high < 0.1 }
	return Claim{
		"A better index (efConstruction 400 instead of 100) increases the overlap slightly: by more than 0 and less than 0.1 at every k from 50",
		verdict(little(ours)), support(little(theirs)), fmt.Sprintf("gain %v; %v", ours, theirs),
	}
}

// construction50 determines up to which k efConstruction 50 gives the best overlap.
func (c *checker) construction50() Claim {
	ours := c.bestUpTo(func(value float64, k int) float64 { return c.meansAt(2, value, k).overlap })
	theirs := c.bestUpTo(func(value float64, k int) float64 { return c.publishedAt(2, value, k).Overlap })
	return Claim{
		"efConstruction 50 gives the best overlap at every k from 50 to about 300 (at least 200)",
		verdict(ours >= 200), support(theirs >= 200), fmt.Sprintf("best up to k = %d; %d", ours, theirs),
	}
}

// bestUpTo returns the largest k such that efConstruction 50 gives the best overlap at every k from 50 to it, or 0 if there
// is none.
func (c *checker) bestUpTo(overlap func(value float64, k int) float64) (last int) {
	for _, k := range c.ks {
		if k < 50 {
			continue // all overlaps are too close to 1 to be distinguished
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

// selection determines whether efConstruction 50 gives the best overlap when links are always selected.
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
		"This advantage is due to the quality of the graph: efConstruction 50 gives the best overlap at k = 100 also when links are always selected",
		verdict(best), "not applicable: one rule only", strings.Join(at, "; "),
	}
}
